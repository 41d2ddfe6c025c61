/** The auxiliary losses by the names users give them. A new one is a file and a line here. */
import type { AuxiliaryLoss } from "./auxiliary.ts";
import { classPrediction } from "./class-prediction.ts";
import { balancedConsistency, consistency } from "./consistency.ts";
import { infomax } from "./infomax.ts";
import { latentConsistency } from "./latent-consistency.ts";
import { lecam } from "./lecam.ts";
import { orthogonalRegularization } from "./orthogonal.ts";
import { reconstruction } from "./reconstruction.ts";

/** Auxiliary losses by name. */
export const AUXILIARY_LOSSES = {
  cr: consistency,
  bcr: balancedConsistency,
  zcr: latentConsistency,
  lecam,
  infomax,
  orthogonal: orthogonalRegularization,
  reconstruction,
  classes: classPrediction,
} as const satisfies Record<string, AuxiliaryLoss>;

/** The names in `objective.auxiliary`. */
export type AuxiliaryName = keyof typeof AUXILIARY_LOSSES;
/** Every name, for messages. */
export const AUXILIARY_NAMES = Object.keys(AUXILIARY_LOSSES) as AuxiliaryName[];

/** The losses in a list, for help: `cr:10 (…), zcr:20:0.5 (…)`. */
export const AUXILIARIES_IN_WORDS: string = Object.entries<AuxiliaryLoss>(AUXILIARY_LOSSES)
  .map(([name, { description }]) => `${name}:${description.published} (${description.summary})`)
  .join(", ");
