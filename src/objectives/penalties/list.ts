/**
 * The penalties of an objective as a list, from either of the two ways in which they are
 * configured.
 */

import { UserError, unknownName } from "../../base/errors.ts";
import { setting } from "../../base/option-names.ts";
import type { Penalty } from "./penalty.ts";
import { PENALTIES, PENALTY_NAMES, type PenaltyName } from "./registry.ts";

/** One penalty of a list. */
export interface PenaltyTerm {
  readonly name: PenaltyName;
  readonly penalty: Penalty;
  /** Its weight; undefined for that of `objective.lambda`, which may change while a run goes on. */
  readonly weight: number | undefined;
  /** Updates of the discriminator from one with this penalty to the next. */
  readonly every: number;
}

/** What says which penalties there are. */
export interface PenaltySettings {
  readonly penalty: PenaltyName;
  /** Of `penalty`. */
  readonly penaltyEvery: number;
  /** `none`, or a list as `penaltyTerms` reads it. */
  readonly penalties: string;
}

/**
 * The penalties in the order in which they are added.
 * @throws UserError for a list that cannot be read
 */
export function penaltiesOf({ penalty: name, penaltyEvery, penalties }: PenaltySettings): PenaltyTerm[] {
  if (penalties !== "none") return penaltyTerms(penalties);
  const penalty: Penalty | undefined = PENALTIES[name];
  return penalty ? [{ name, penalty, weight: undefined, every: penaltyEvery }] : [];
}

const EXAMPLE = setting("objective.penalties", "r1:5/16,l2:0.0001");

/**
 * Read a list such as `r1:5/16,l2:0.0001`: name, weight, and every how many updates of the
 * discriminator it is computed (1 where it is left out).
 * @throws UserError for what is no such list, an unknown name, with the nearest one, and one that
 * is named twice
 */
export function penaltyTerms(list: string): PenaltyTerm[] {
  const parts = list.split(",").map((part) => part.trim());
  return parts.map((part, i) => {
    const [, name = part, weightText, everyText = "1"] =
      /^([^:/]*):([^:/]+)(?:\/([^:/]+))?$/.exec(part) ?? [];
    const penalty = Object.hasOwn(PENALTIES, name) ? PENALTIES[name as PenaltyName] : undefined;
    if (!penalty)
      throw name === "none"
        ? new UserError(
            `objective.penalties is ${list}: none stands alone, for no penalty.`,
            "Leave it out of the list.",
          )
        : unknownName("penalty", name, PENALTY_NAMES);
    const [weight, every] = [Number(weightText), Number(everyText)];
    if (weightText === undefined || weightText.trim() === "" || !Number.isFinite(weight) || weight <= 0)
      throw new UserError(
        `objective.penalties: "${part}" has no weight above 0.`,
        `Write the weight after the name: ${EXAMPLE}`,
      );
    if (!Number.isInteger(every) || every < 1 || every > 1024)
      throw new UserError(
        `objective.penalties: "${part}" is to be computed every ${everyText} updates.`,
        `Write a whole number from 1 to 1024 after the slash: ${EXAMPLE}`,
      );
    if (parts.findIndex((other) => other.split(":")[0] === name) !== i)
      throw new UserError(
        `objective.penalties: ${name} is named twice.`,
        "Name it once, with the sum of the weights.",
      );
    return { name: name as PenaltyName, penalty, weight, every };
  });
}

/** Name of a penalty's value in a record: `wgan-gp` → `penaltyWganGp`. */
export const penaltyResult = (name: PenaltyName): string =>
  ["penalty", ...name.split("-").map((word) => word[0]!.toUpperCase() + word.slice(1))].join("");

/** When penalties are due. */
export type PenaltySchedule = readonly Pick<PenaltyTerm, "name" | "every">[];

/**
 * The penalties that are due in an update of the discriminator, counted from 1: in the first one
 * all are.
 */
export const dueAt = <T extends Pick<PenaltyTerm, "every">>(terms: readonly T[], update: number): T[] =>
  terms.filter(({ every }) => (update - 1) % every === 0);

/** A name for a set of penalties that are due together. */
export const dueName = (terms: PenaltySchedule): string => terms.map(({ name }) => name).join("+");

/**
 * All sets of penalties that are due in some update but the full one, which is due in the first. A
 * set is due somewhere when there is an update at which its intervals meet and no other's does.
 */
export function partialSets<T extends Pick<PenaltyTerm, "every">>(terms: readonly T[]): T[][] {
  const subsets = Array.from({ length: 2 ** terms.length }, (_, bits) =>
    terms.filter((_, i) => (bits >> i) & 1),
  );
  return subsets.filter((set) => {
    if (set.length === terms.length) return false;
    // The first update after the first one in which all of the set are due shows which others always are.
    const meeting = set.reduce((all, { every }) => leastCommonMultiple(all, every), 1);
    return terms.every((term) => set.includes(term) || meeting % term.every !== 0);
  });
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
const leastCommonMultiple = (a: number, b: number): number => (a / greatestCommonDivisor(a, b)) * b;
