/** Whether a run is measured while it trains. */
import type { Config } from "../config/schema.ts";

/**
 * Whether FID and KID are measured while training, at fixed steps or at those that the run finds.
 */
export const isMeasured = ({ evaluateEvery }: Pick<Config["training"], "evaluateEvery">): boolean =>
  evaluateEvery === "auto" || evaluateEvery > 0;
