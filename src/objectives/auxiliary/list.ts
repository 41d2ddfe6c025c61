/** The auxiliary losses of an objective as a list, from the text in which they are configured. */

import { UserError, unknownName } from "../../base/errors.ts";
import { setting } from "../../base/option-names.ts";
import type { AuxiliaryLoss } from "./auxiliary.ts";
import { AUXILIARY_LOSSES, AUXILIARY_NAMES, type AuxiliaryName } from "./registry.ts";

/** One loss of a list. */
export interface AuxiliaryTerm {
  readonly name: AuxiliaryName;
  readonly auxiliary: AuxiliaryLoss;
  /** Of its term for each network; the generator's is 0 where it has none. */
  readonly weights: Readonly<Record<"discriminator" | "generator", number>>;
}

/**
 * Read `none`, or a list such as `cr:10,zcr:20:0.5`: name, weight in the discriminator's loss, and
 * for a loss with a term for the generator the weight in the generator's.
 * @throws UserError for what is no such list, an unknown name, with the nearest one, and one that
 * is named twice
 */
export function auxiliaryTerms(list: string): AuxiliaryTerm[] {
  if (list === "none") return [];
  const parts = list.split(",").map((part) => part.trim());
  return parts.map((part, i) => {
    const [name = "", ...weights] = part.split(":").map((one) => one.trim());
    if (!Object.hasOwn(AUXILIARY_LOSSES, name)) throw unknown(name, list);
    if (parts.findIndex((other) => other.split(":")[0]!.trim() === name) !== i)
      throw new UserError(
        `objective.auxiliary: ${name} is named twice.`,
        "Name it once, with the sum of the weights.",
      );
    const known = name as AuxiliaryName;
    return { name: known, auxiliary: AUXILIARY_LOSSES[known], weights: weightsOf(known, part, weights) };
  });
}

const unknown = (name: string, list: string): UserError =>
  name === "none"
    ? new UserError(
        `objective.auxiliary is ${list}: none stands alone, for no auxiliary loss.`,
        "Leave it out of the list.",
      )
    : unknownName("auxiliary loss", name, AUXILIARY_NAMES);

function weightsOf(name: AuxiliaryName, part: string, texts: readonly string[]): AuxiliaryTerm["weights"] {
  const { weights: how, description }: AuxiliaryLoss = AUXILIARY_LOSSES[name];
  const example = setting("objective.auxiliary", `${name}:${description.published}`);
  const numbers = texts.map((text) => (text === "" ? Number.NaN : Number(text)));
  if (numbers.length === 0 || !numbers.every((n) => Number.isFinite(n) && n >= 0))
    throw new UserError(
      `objective.auxiliary: "${part}" has no weight above 0.`,
      `Write the weight after the name: ${example}`,
    );
  const max = how === "discriminator" ? 1 : 2;
  if (numbers.length > max)
    throw new UserError(
      `objective.auxiliary: "${part}" has ${numbers.length} weights, and ${name} is in the ${max === 1 ? "discriminator's loss alone" : "losses of two networks"}.`,
      `Write ${max === 1 ? "one weight" : "two weights at the most"}: ${example}`,
    );
  if (how === "each" && numbers.length < 2)
    throw new UserError(
      `objective.auxiliary: "${part}" has one weight, and ${name} has a term of another kind for each network.`,
      `Write the discriminator's and the generator's: ${example}`,
    );
  const [discriminator = 0, second = discriminator] = numbers;
  const generator = how === "discriminator" ? 0 : second;
  if (discriminator === 0 && generator === 0)
    throw new UserError(
      `objective.auxiliary: "${part}" has no weight above 0.`,
      `Give it a weight, or leave it out: ${example}`,
    );
  return { discriminator, generator };
}

/** Name of a loss's value in a record: `lecam` → `auxiliaryLecam`. */
export const auxiliaryResult = (name: AuxiliaryName): string =>
  `auxiliary${name[0]!.toUpperCase()}${name.slice(1)}`;
