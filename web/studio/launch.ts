/** Asking the server for a training, where it was allowed to start some. */
import type {
  LaunchFolder,
  LaunchJob,
  LaunchPreset,
  LaunchRequest,
  LaunchState,
} from "../../src/studio/launch/protocol.ts";
import { change, get } from "./api.ts";

export const launchState = (): Promise<LaunchState> => get("/api/launch");
export const launchPresets = (): Promise<readonly LaunchPreset[]> => get("/api/launch/presets");
/** @param path below the root, with slashes */
export const launchFolder = (path: string): Promise<LaunchFolder> =>
  get(`/api/launch/folder?${new URLSearchParams({ path })}`);
/** Begin a dry run. @throws Error saying why not */
export const planLaunch = (request: LaunchRequest): Promise<LaunchJob> =>
  change("/api/launch/plan", "POST", request);
/** Begin what a dry run has looked at. @throws Error saying why not */
export const startLaunch = (ticket: string): Promise<LaunchJob> =>
  change("/api/launch/train", "POST", { ticket });
/** Let what is under way save and end. */
export const stopLaunch = (): Promise<unknown> => change("/api/launch/stop", "POST");

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
