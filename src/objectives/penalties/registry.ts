/** The penalties by the names users give them. A new one is a file and a line here. */
import { dragan } from "./dragan.ts";
import { l2 } from "./l2.ts";
import type { Penalty } from "./penalty.ts";
import { wganGp } from "./wgan-gp.ts";
import { r1, r1r2 } from "./zero-centered.ts";

/** Penalties by name; `none` is none. */
export const PENALTIES = {
  none: undefined,
  "wgan-gp": wganGp,
  dragan,
  l2,
  r1,
  "r1-r2": r1r2,
} as const satisfies Record<string, Penalty | undefined>;

export type PenaltyName = keyof typeof PENALTIES;
/** Every name, for schemas and messages. */
export const PENALTY_NAMES = Object.keys(PENALTIES) as PenaltyName[];
