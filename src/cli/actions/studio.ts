/** `studio`: the use case, until Ctrl-C; and the page as one file. */
import { saveSnapshot } from "../../app/snapshot.ts";
import { type StudioOptions, serveStudio } from "../../app/studio.ts";
import { refuseIdle } from "../../app/support/refuse-idle.ts";
import { shortPath } from "../../app/support/run-folder.ts";
import { formatBytes, formatCountOf } from "../../base/text/format/index.ts";
import { startHintAsCalled } from "../called-as.ts";
import type { Invocation } from "../command.ts";
import { watchInterrupts } from "../terminal/interrupt.ts";
import { contextOf } from "../terminal/narrate.ts";

/**
 * Serve a folder of runs until the process is interrupted, or save the page.
 * @throws UserError for everything a user can put right
 */
export async function studioFrom(invocation: Invocation): Promise<void> {
  const { args, options, output } = invocation;
  const asked = readStudioOptions(invocation);
  const page = {
    ...{ runs: args[0], snapshot: options.text("snapshot") },
    grids: options.number("grids", { whole: true, min: 1 }),
    inside: options.flag("inside"),
  };
  if (page.snapshot !== undefined) {
    refuseIdle(asked, ["host", "port", "allowHost", "images", "embed"], "a page that is saved is not served");
    // Pages are saved whole; Ctrl-C ends the process.
    const saved = await saveSnapshot({ ...page, out: page.snapshot }, contextOf(output));
    output.result(
      `${shortPath(saved.file)} (${formatCountOf(saved.runs.length, "run")}, ${formatBytes(saved.bytes)})`,
      saved,
    );
    return;
  }
  refuseIdle(page, ["grids", "inside"], "a page that is served has everything");
  const interrupts = watchInterrupts(output, undefined, "Stopping.");
  try {
    output.result("", await serveStudio(asked, contextOf(output, interrupts.signal)));
  } finally {
    interrupts.dispose();
  }
}

const readStudioOptions = ({ args, options }: Invocation): StudioOptions => ({
  runs: args[0],
  host: options.text("host"),
  port: options.number("port", { whole: true, min: 0, max: 65535 }),
  allowHost: options.texts("allow-host").length > 0 ? options.texts("allow-host") : undefined,
  embed: options.flag("embed"),
  images: options.text("data"),
  command: [process.execPath, process.argv[1]!],
  hint: startHintAsCalled,
});
