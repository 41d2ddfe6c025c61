/** `data inspect --run`: also which images lie on their side, by the rotation head of a run. Apart, as it needs the engine and the networks. */

import { withRotationHead } from "../../app/load-discriminator.ts";
import { CHECKS, type Inspection, inspectData } from "../../data/index.node.ts";
import { SURE, turnedImages } from "../../studies/orient/findings.ts";
import { rotationCheck } from "../../studies/orient/judge.ts";
import { chooseCheckpoint } from "../../training/best.node.ts";
import type { CommandOptions } from "../command.ts";
import { readEngine } from "../engine-options.ts";

/** Inspect images, with all checks and the rotation head of `run`. @throws UserError as `inspectData` and `withRotationHead` */
export async function inspectTurns(
  run: string,
  options: CommandOptions,
  look: Parameters<typeof inspectData>[0],
): Promise<Inspection> {
  const { step } = await chooseCheckpoint(run, {});
  return withRotationHead(
    run,
    { step, engine: readEngine(options), resolution: look.resolution },
    ({ executable }, answers) => {
      const turned = rotationCheck(executable, answers, () => turnedImages(SURE));
      return inspectData({ ...look, checks: [...CHECKS, turned] });
    },
  );
}
