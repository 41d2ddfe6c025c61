/** `data inspect`: the use case, printed. */
import { inspectImages } from "../../../app/data/inspect.ts";
import { formatCount } from "../../../base/text/format/index.ts";
import { reasons } from "../../../data/advice.ts";
import { imagesOf } from "../../../data/images-of.ts";
import type { Inspection } from "../../../data/index.node.ts";
import { textTable } from "../../../narration/table.ts";
import { EXIT, type Invocation } from "../../command.ts";
import { readEngine } from "../../options/engine-options.ts";
import { interruptible } from "../../terminal/interruptible.ts";
import { contextOf } from "../../terminal/narrate.ts";
import { readSizedImages } from "./request.ts";

/**
 * Inspect what the command line names.
 * @returns the exit code.
 * @throws UserError for everything a user can put right
 */
export async function inspectFrom(invocation: Invocation): Promise<number> {
  const { output, options } = invocation;
  const run = options.text("run");
  const asked = { ...readSizedImages(invocation), ...readEngine(options), run };
  const words = { stopping: "Stopping…", stopped: "Stopped; nothing was changed." };
  return interruptible(output, words, async (signal) => {
    const found = await inspectImages(asked, contextOf(output, signal));
    const { findings, ...rest } = found;
    const more =
      run === undefined
        ? "\n\nWhich images look rotated, and how large a share: --run RUN, with a run trained on images like these"
        : "";
    output.result(`${describeInspection(found)}${more}`, {
      ...rest,
      findings: Object.fromEntries(findings.map(({ name, data }) => [name, data])),
    });
    return found.used === 0 ? EXIT.userError : EXIT.done;
  });
}

/** The findings as a table with headings on the left. */
function describeInspection({
  name,
  split,
  resolution,
  found,
  used,
  skipped,
  notes,
  findings,
}: Inspection): string {
  const part = split === "all" ? "" : ` (${split} part)`;
  const rows = findings.flatMap((finding) =>
    finding.lines.map((line, i) => [i === 0 ? finding.name : "", line]),
  );
  if (skipped.length > 0) rows.push(["skipped", `${formatCount(skipped.length)}: ${reasons(skipped)}`]);
  rows.push(...notes.map((note, i) => [i === 0 ? "notes" : "", note]));
  return (
    `${formatCount(used)} of ${formatCount(found)} ${imagesOf(name)}${part} can be used; ` +
    `looked at as ${resolution}×${resolution}\n${textTable(rows)}`
  );
}
