/** The use case of a rotation head measured on images that are known to be upright. */
import { resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { inspectData } from "../../data/index.node.ts";
import type { Split } from "../../data/store/store.ts";
import { evaluateTurns, type OrientEvaluation } from "../../studies/orient/evaluation.ts";
import { rotationCheck } from "../../studies/orient/rotation-check.ts";
import type { Context } from "../context.ts";
import { dataRequest } from "../data/images-options.ts";
import { chosenStep } from "../support/chosen-step.ts";
import { packingOf } from "../support/images.ts";
import { withRotationHead } from "../support/load-discriminator.ts";
import { runConfig } from "../support/load-generator.ts";
import type { RotationHeadOptions } from "./orient.ts";

/** What was measured: the document of `orient --evaluate --json`. */
export type OrientationOutcome = OrientEvaluation & {
  /** The run folder, absolute. */
  readonly run: string;
  readonly step: number;
  /** Name of the data. */
  readonly data: string;
  readonly split: Split;
};

/**
 * Turn images that are upright, and count what the head says.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts
 */
export async function evaluateOrientation(
  options: RotationHeadOptions,
  context: Context,
): Promise<OrientationOutcome> {
  const { run } = options;
  const { report, signal } = context;
  const { data } = await runConfig(run);
  const request = dataRequest(options, { ...data, split: "test" });
  const step = await chosenStep(run, options, context);
  const head = { step, engine: options, resolution: request.resolution };
  return withRotationHead(run, head, async (discriminator, answers) => {
    for (const message of discriminator.notes) void report({ kind: "warning", message });
    const { collector, result } = evaluateTurns();
    const { name, split, used } = await inspectData({
      ...request,
      signal,
      onProgress: packingOf(report, "inspection"),
      checks: [rotationCheck(discriminator.executable, answers, () => collector)],
    });
    if (used === 0)
      throw new UserError(
        `${name} has no usable image to evaluate on.`,
        '"quarterturn data inspect DATA" says why each file is left out.',
      );
    return { run: resolve(run), step: discriminator.step, data: name, split, ...result() };
  });
}
