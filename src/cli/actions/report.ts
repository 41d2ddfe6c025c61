/** `report`: the use case, printed. */
import { writeRunReport } from "../../app/report.ts";
import { shortPath } from "../../app/support/run-folder.ts";
import { formatBytes } from "../../base/text/format/index.ts";
import type { Invocation } from "../command.ts";
import { readEngine } from "../options/engine-options.ts";
import { contextOf } from "../terminal/narrate.ts";

/** Report on the runs of the command line. @throws UserError for everything a user can put right */
export async function reportFrom({ args, options, output }: Invocation): Promise<void> {
  const asked = {
    ...{ runs: args, out: options.text("out"), ...readEngine(options) },
    ...{ walk: options.flag("walk"), nearest: options.flag("nearest"), best: options.flag("best") },
  };
  // Reports are made whole; Ctrl-C ends the process.
  const result = await writeRunReport(asked, contextOf(output));
  output.result(`${shortPath(result.file)} (${formatBytes(result.bytes)})`, result);
}
