/** `export`: the use case, printed. */
import { exportRun } from "../../app/export/export.ts";
import type { ExportOptions } from "../../app/export/request.ts";
import { shortPath } from "../../app/support/run-folder.ts";
import { formatCount } from "../../base/text/format/index.ts";
import type { Invocation } from "../command.ts";
import { readEngine } from "../options/engine-options.ts";
import { contextOf } from "../terminal/narrate.ts";

/** Hand over a run as files. @throws UserError for everything a user can put right */
export async function exportFrom(invocation: Invocation): Promise<void> {
  const { output } = invocation;
  const { files, step, weights, run } = await exportRun(readExportOptions(invocation), contextOf(output));
  const lines = files.map(({ path, note }) => `${shortPath(path)} (${note})`);
  output.result(`${lines.join("\n")}\nstep ${formatCount(step)}, ${weights} weights`, {
    ...{ run, step, weights },
    files: files.map(({ part, path, bytes, check }) => ({
      part,
      path,
      bytes,
      ...(check !== undefined && { check }),
    })),
  });
}

/** @throws UserError for a step that is none */
function readExportOptions({
  args: [run = ""],
  options,
}: Pick<Invocation, "args" | "options">): ExportOptions {
  const only = options.texts("only").flatMap((text) => text.split(",").map((part) => part.trim()));
  return {
    run,
    only: only.length > 0 ? only : undefined,
    out: options.text("out"),
    maps: options.flag("maps"),
    license: options.text("license"),
    ema: options.flag("ema"),
    step: options.number("step", { whole: true, min: 1 }),
    best: options.flag("best"),
    ...readEngine(options),
  };
}
