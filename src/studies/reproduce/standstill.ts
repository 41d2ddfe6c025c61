/**
 * Whether a discriminator still tells anything, by its hinge loss: an answer that is the same for
 * every image costs 1 on the real ones plus 1 on the generated ones, and more where it lies outside
 * [−1, 1].
 */
import { type FourfoldTable, fisherExact } from "../../base/math/significance.ts";
import { mean } from "../../base/math/statistics.ts";

/** Hinge loss of a discriminator that tells nothing. */
const TELLS_NOTHING = 2;
/** What counts as the same. */
const NEAR = 0.02;
/**
 * A standstill: so many steps of which such a share lies there. Their mean alone would say nothing:
 * a discriminator that is well balanced with its generator has a loss that swings by 0.07 around
 * 1.97.
 */
const [WINDOW, SHARE] = [300, 0.95];

/** What the hinge losses of a run say. */
export interface Standstill {
  /** Share of steps whose loss is 2.00 ± 0.02, in [0, 1]. */
  readonly share: number;
  /** Last step of the first 300 of which 95% are; undefined if there are none. */
  readonly from: number | undefined;
}

/** A run of a model, as far as this looks at it. */
interface Watched {
  readonly label: string;
  readonly standstill?: Standstill | undefined;
}

/**
 * Look at the hinge losses of a discriminator.
 * @param losses in the order of steps, the first of step 1
 */
export function standstill(losses: readonly number[]): Standstill {
  const stands = (loss: number): boolean => Math.abs(loss - TELLS_NOTHING) <= NEAR;
  let within = 0;
  let from: number | undefined;
  for (const [i, loss] of losses.entries()) {
    const left = losses[i - WINDOW];
    within += Number(stands(loss)) - Number(left !== undefined && stands(left));
    if (within >= SHARE * WINDOW) {
      from = i + 1;
      break;
    }
  }
  return { share: losses.length === 0 ? 0 : losses.filter(stands).length / losses.length, from };
}

/**
 * For each model, in words: the share of its steps, and how many of its runs came to a standstill.
 */
export function standstillSentences(runs: readonly Watched[], labels: readonly string[]): string[] {
  const told = labels.flatMap((label) => {
    const known = standstillsOf(runs, label);
    if (known.length === 0) return [];
    const share = (100 * mean(known.map((one) => one.share))).toFixed(1);
    return [`${label} ${share}% of the steps, ${stopped(known)} of ${known.length} runs at a standstill`];
  });
  if (told.length === 0) return [];
  return [
    `A hinge loss of ${TELLS_NOTHING.toFixed(2)} ± ${NEAR} is that of a discriminator that tells nothing: ${told.join("; ")} (a standstill: ${WINDOW} steps of which ${100 * SHARE}% are there).`,
  ];
}

/**
 * Fisher's exact test of whether one model comes to a standstill more often than another; nothing
 * where one has no run.
 */
export function standstillTest(
  runs: readonly Watched[],
  [first, second]: readonly [string, string],
): { readonly table: FourfoldTable; readonly p: number } | undefined {
  const sides = [first, second].map((label) => standstillsOf(runs, label));
  if (sides.some((side) => side.length === 0)) return undefined;
  const row = (side: readonly Standstill[]) => [stopped(side), side.length - stopped(side)] as const;
  const table: FourfoldTable = [row(sides[0]!), row(sides[1]!)];
  return { table, p: fisherExact(table) };
}

const standstillsOf = (runs: readonly Watched[], label: string): Standstill[] =>
  runs.filter((run) => run.label === label).flatMap(({ standstill: found }) => found ?? []);
const stopped = (found: readonly Standstill[]): number =>
  found.filter(({ from }) => from !== undefined).length;
