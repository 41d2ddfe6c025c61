/** `reproduce` as a function. */
import { type Reproduction, reproduce as reproduceWith } from "../app/reproduce/reproduce.ts";
import { type ReproduceOptions, reproduceRequest } from "../app/reproduce/request.ts";
import { INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";
import { thisProgram } from "./support/this-program.ts";

/** How a table or a figure is reproduced. */
export interface ReproduceCall extends Omit<ReproduceOptions, "name" | "set">, Interruptible {
  /** Values of the configuration by their paths, of every run to which they mean something. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Whether table and figure are written from what is there, and nothing is trained. */
  readonly readOnly?: boolean;
}

const KINDS: kind.Kinds<ReproduceCall> = {
  scale: kind.text,
  data: kind.text,
  out: kind.text,
  steps: kind.whole(1),
  seeds: kind.whole(1, 100),
  firstSeed: kind.whole(1),
  rows: kind.textsOr("all"),
  set: kind.values,
  jobs: kind.whole(1, 1024),
  retries: kind.whole(0),
  threads: kind.whole(0),
  readOnly: kind.truth,
  ...INTERRUPTIBLE,
};

/**
 * Make a table or a figure of the paper, as `quarterturn reproduce` does: train what is missing,
 * each run in a process of its own, then write it from all there is. Aborting lets what is under
 * way save; the same call goes on.
 * @param name `table1`, `fig3`, …
 * @throws UserError for an unknown option or name, and options that would have no effect
 * @example What there is of a figure so far; without `readOnly` what is missing is trained first
 * ```ts
 * import { reproduce } from "quarterturn";
 *
 * const { report, files } = await reproduce("fig3", {
 *   scale: "tiny",
 *   data: "labeled",
 *   out: "reproduced",
 *   readOnly: true,
 * });
 * console.log(report.complete, files.length > 0);
 * ```
 */
export async function reproduce(name: string, call: ReproduceCall = {}): Promise<Reproduction> {
  kind.checkWord("reproduce", "name", "the name of a table or a figure", name, 'reproduce("table1")');
  kind.checkCall<ReproduceCall>("reproduce", call, KINDS);
  return working(call, async ({ readOnly = false, set = {}, ...options }, context) => {
    const sets = Object.entries(set).map(([path, value]) => `${path}=${textOf(value)}`);
    const request = reproduceRequest({ ...options, name, set: sets });
    return reproduceWith(request, { readOnly, command: thisProgram() }, context);
  });
}

/** A value as the command line takes it. */
const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
