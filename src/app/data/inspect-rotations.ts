/** An inspection that also tells which images are not upright, by the rotation head of a run. */
import { CHECKS, type Inspection, inspectData } from "../../data/index.node.ts";
import { findRotatedImages, SURE } from "../../studies/orient/findings.ts";
import { rotationCheck } from "../../studies/orient/rotation-check.ts";
import { chooseCheckpoint } from "../../training/run/checkpoint/best.node.ts";
import type { EngineChoice } from "../support/engine-choice.ts";
import { withRotationHead } from "../support/load-discriminator.ts";

/**
 * Inspect images with all checks and the rotation head of `run`.
 * @throws UserError as `inspectData` and `withRotationHead`
 */
export async function inspectRotations(
  run: string,
  engine: EngineChoice,
  look: Parameters<typeof inspectData>[0],
): Promise<Inspection> {
  const { step } = await chooseCheckpoint(run, {});
  return withRotationHead(run, { step, engine, resolution: look.resolution }, ({ executable }, answers) => {
    const turned = rotationCheck(executable, answers, () => findRotatedImages(SURE));
    return inspectData({ ...look, checks: [...CHECKS, turned] });
  });
}
