/** `probe` as a function. */
import { type ProbeOptions, type ProbeOutcome, probeRun } from "../app/probe.ts";
import { ENGINE, INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";

/** What the probe is made with; as the paper has it where nothing else is given. */
export interface ProbeCall extends Omit<ProbeOptions, "run">, Interruptible {}

const KINDS: kind.Kinds<ProbeCall> = {
  data: kind.text,
  step: kind.whole(0),
  untrained: kind.truth,
  quick: kind.truth,
  seeds: kind.whole(1, 100),
  epochs: kind.whole(1),
  images: kind.whole(16),
  ...ENGINE,
  ...INTERRUPTIBLE,
};

/**
 * Fit linear classifiers to the features of each block of a discriminator, as `quarterturn probe`
 * does.
 * @param run a run folder
 * @throws UserError for an unknown option, a missing checkpoint, and images without labels; the
 * signal's reason when it aborts
 * @example A probe of seconds, which shows how it is called and nothing about the features
 * ```ts
 * import { probe } from "quarterturn";
 *
 * const { best, blocks } = await probe("runs/first", {
 *   data: "labeled",
 *   quick: true,
 *   seeds: 1,
 *   epochs: 1,
 * });
 * console.log(best, blocks.map(({ block, mean }) => `${block}: ${mean}`).join(", "));
 * ```
 */
export async function probe(run: string, call: ProbeCall = {}): Promise<ProbeOutcome> {
  kind.checkRun("probe", run);
  kind.checkCall<ProbeCall>("probe", call, KINDS);
  return working(call, (options, context) => probeRun({ ...options, run }, context));
}
