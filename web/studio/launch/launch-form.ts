/** The form of a new run, and what it asks for. */
import type { LaunchRequest } from "../../../src/studio/launch/protocol.ts";

/** What stands in the form. */
export interface LaunchForm {
  readonly own: boolean;
  readonly folder: string;
  readonly preset: string;
  readonly resolution: string;
  readonly by: "time" | "steps";
  readonly time: string;
  readonly steps: string;
  readonly name: string;
}

/** The form as a request; what is empty is left to the server. */
export function requestOf(form: LaunchForm): LaunchRequest {
  const { own, folder, preset, resolution, by, time, steps, name } = form;
  return {
    folder: own ? folder : null,
    ...(preset !== "" && { preset }),
    ...(resolution !== "" && { resolution: Number(resolution) }),
    ...(by === "time" ? { time: time.trim() } : { steps: Number(steps) }),
    ...(name.trim() !== "" && { name: name.trim() }),
  };
}

/** Whether a dry run has looked at what stands in the form now. */
export const isSame = (a: LaunchRequest, b: LaunchRequest): boolean => {
  const flat = (request: LaunchRequest): string => JSON.stringify(Object.entries(request).sort());
  return flat(a) === flat(b);
};

/**
 * Lines that a program has printed, of each progress only where it is: of those in a row that
 * differ in numbers alone the last.
 */
export function latestOf(lines: readonly string[]): readonly string[] {
  const wordsOf = (line: string | undefined): string | undefined => line?.replace(/[\d.,]+/g, "0");
  return lines.filter((line, i) => wordsOf(line) !== wordsOf(lines[i + 1]));
}
