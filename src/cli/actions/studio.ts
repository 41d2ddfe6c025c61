/** `studio`: the use case, until Ctrl-C. */
import { type StudioOptions, serveStudio } from "../../app/studio.ts";
import { startHintAsCalled } from "../called-as.ts";
import type { Invocation } from "../command.ts";
import { watchInterrupts } from "../terminal/interrupt.ts";
import { contextOf } from "../terminal/narrate.ts";

/**
 * Serve a folder of runs until the process is interrupted.
 * @throws UserError when the folder is not there or the port is taken
 */
export async function studioFrom(invocation: Invocation): Promise<void> {
  const { output } = invocation;
  const asked = readStudioOptions(invocation);
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
  allowHost: options.texts("allow-host"),
  images: options.text("data"),
  command: [process.execPath, process.argv[1]!],
  hint: startHintAsCalled,
});
