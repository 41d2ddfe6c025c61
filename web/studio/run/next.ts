/** The command that goes on where a run ended. */
import { shellWord } from "../../../src/base/text/shell.ts";
import type { RunDetail } from "../../../src/studio/protocol.ts";
import type { StartHint } from "../../../src/studio/server/pages.ts";
import { steeredValue } from "../../../src/training/loop/control/steered.ts";

/** What a learning rate at which training diverged is divided by. */
const LOWER = 10;

/**
 * A run that diverged begins anew beside itself with a lower learning rate; any other one goes on
 * from its last checkpoint.
 * @param hint what the server says of how it was called; without that, commands are as for an
 * installed program
 */
export function nextCommand(
  { id, status, config, changes }: Pick<RunDetail, "id" | "status" | "config" | "changes">,
  hint: Pick<StartHint, "call" | "place"> | null,
): string {
  const place = hint?.place ?? "runs";
  const path = place === "." ? id : `${place.replace(/\/$/, "")}/${id}`;
  const go = `${hint?.call ?? "quarterturn"} train --run ${shellWord(path)}`;
  const rate = steeredValue("optimizer.learningRate", changes) ?? config["optimizer.learningRate"];
  if (status.how !== "diverged" || typeof rate !== "number") return go;
  return `${go} --new --set optimizer.learningRate=${Number((rate / LOWER).toPrecision(6))}`;
}
