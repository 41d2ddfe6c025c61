/** The weights of another run to begin with, in the place of fresh ones. */
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import type { Steps } from "../../objectives/steps.ts";
import type { Config } from "../../training/config/schema.ts";
import { withFreshRunState, withoutSpectralNorm } from "../../training/loop/health/rescue.ts";
import { assembleState } from "../../training/run/checkpoint/weights.ts";
import { isRun } from "../../training/run/folder/run-name.node.ts";
import { findCheckpoint } from "../support/load-generator.ts";
import { shortPath } from "../support/run-folder.ts";

/**
 * What a run takes over at step 0: parameters and buffers of both networks and the moving average.
 * Adam's moments begin anew: they belong to the images the other run was trained on.
 * @returns undefined where `training.init` names no run
 * @throws UserError when it is no run, has no checkpoint, or its networks are others
 */
export async function initialWeights(
  { training: { init } }: Pick<Config, "training">,
  steps: Steps,
): Promise<Record<string, Float32Array> | undefined> {
  if (init === null) return undefined;
  if (!(await isRun(init)))
    throw new UserError(
      `training.init names ${shortPath(init)}, which is no run folder.`,
      `Name the folder of a run that was trained with the same networks: ${option("init", "runs/NAME")}`,
    );
  const { checkpoint } = await findCheckpoint(init, undefined);
  const programs = [steps.discriminatorStep, steps.generatorStep];
  const names = new Set(programs.flatMap(({ reads }) => reads.map(({ name }) => name)));
  const taken = [...names].filter((name) => /\/(parameters|buffers|ema)$/.test(name));
  try {
    // A discriminator with spectral norms goes into one without as what it computes.
    const named = withFreshRunState(withoutSpectralNorm(checkpoint.named, steps.layout), steps.layout);
    return assembleState(named, taken, steps.layout, checkpoint.path);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `The weights of ${shortPath(init)} cannot be taken over: ${error.marked.message}`,
      "Both runs need the same networks: the same preset, resolution, widths and self-supervision.",
      { cause: error },
    );
  }
}
