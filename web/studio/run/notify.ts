/** What of a run is worth a word to somebody who looks elsewhere. */
import { formatCount } from "../../../src/base/text/format/index.ts";
import type { RunDetail, RunState } from "../../../src/studio/protocol.ts";
import { STATE_WORDS } from "../words.ts";

/** How a run stood. */
export interface Seen {
  readonly id: string;
  readonly state: RunState;
  readonly warnings: number;
}

/** How a run stands. */
export const seenOf = ({
  id,
  status: { state },
  warnings,
}: Pick<RunDetail, "id" | "status" | "warnings">): Seen => ({
  ...{ id, state, warnings: warnings.length },
});

const isAlive = (state: RunState): boolean => state === "running" || state === "paused";

/**
 * What is new since a run was looked at last: that it ended, or a warning.
 * @param before of the same run; undefined, or of another one, is no news
 */
export function newsOf(
  before: Seen | undefined,
  now: Seen,
  { status, warnings }: Pick<RunDetail, "status" | "warnings">,
): { readonly title: string; readonly body: string } | undefined {
  if (before?.id !== now.id) return undefined;
  if (isAlive(before.state) && !isAlive(now.state))
    return {
      title: `${now.id}: ${STATE_WORDS[now.state].toLowerCase()}`,
      body: [`Step ${formatCount(status.step)} of ${formatCount(status.steps)}.`, status.message]
        .filter(Boolean)
        .join(" "),
    };
  const newest = warnings.at(-1);
  if (now.warnings > before.warnings && newest)
    return {
      title: `${now.id}: a warning at step ${formatCount(newest.step)}`,
      body: `${newest.message} ${newest.advice}`,
    };
  return undefined;
}
