/** The work of `studio`: serve until Ctrl-C. And the page that `train` serves beside its work. */
import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { shortPath } from "../app/run-folder.ts";
import { UserError } from "../base/errors.ts";
import { makeFolder } from "../base/folders.node.ts";
import type { LaunchOptions } from "../studio/launch/launcher.ts";
import { isLoopback } from "../studio/security.ts";
import { DEFAULT_PORT, type Studio, startStudio } from "../studio/server.ts";
import { isRun } from "../training/run-name.node.ts";
import { startHint } from "./called-as.ts";
import type { Invocation } from "./command.ts";
import { watchInterrupts } from "./interrupt.ts";
import type { Output } from "./output.ts";

/**
 * Serve a folder of runs until the process is interrupted.
 * @throws UserError when the folder is not there or the port is taken
 */
export async function studioFrom({ args, options, output }: Invocation): Promise<void> {
  const root = resolve(args[0] ?? "runs");
  const host = options.text("host") ?? "127.0.0.1";
  const allowedHosts = options.texts("allow-host").map(hostName);
  const port = options.number("port", { whole: true, min: 0, max: 65535 });
  const images = await imagesRoot(options.text("data"), host, allowedHosts);
  const kind = await stat(root).catch(() => undefined);
  // Where trainings can be started, there need not be one yet.
  if (images !== undefined && !kind) await makeFolder(root);
  else if (!kind?.isDirectory())
    throw new UserError(
      `There is no folder ${args[0] ?? "runs"}${kind ? ": it is a file" : ""}.`,
      args[0] === undefined
        ? 'Train something first ("quarterturn train" makes runs/), or name a folder of runs.'
        : "Name a folder that holds runs, or one run.",
    );
  if (images !== undefined && (await isRun(root)))
    throw new UserError(
      `${shortPath(root)} is one run, and a run that is started from the page needs a place beside others.`,
      "Name the folder that it is in, or leave --data out.",
    );
  // Without a port that was asked for, any will do.
  const studio = await startStudio({
    ...{ root, host, allowedHosts, port, otherPort: port === undefined },
    hint: startHint(root, !isLoopback(host)),
    launch: images === undefined ? undefined : launchOptions(images, output),
  });
  const interrupts = watchInterrupts(output, undefined, "Stopping.");
  try {
    if (!isLoopback(host))
      output.warning(
        `Everybody who can reach ${host} on port ${studio.port} can look at these runs and steer them. Leave --host out to serve this machine only.`,
      );
    if (port === undefined && studio.port !== DEFAULT_PORT)
      output.line(`Port ${DEFAULT_PORT} is taken, so another one.`);
    output.line(`studio  ${studio.url} shows the runs in ${shortPath(root)}; Ctrl-C ends it.`);
    if (images !== undefined)
      output.line(
        `        trainings can be started from the page, on folders below ${shortPath(images)}; they end with it.`,
      );
    await new Promise<void>((ended) => {
      interrupts.signal.addEventListener("abort", () => ended(), { once: true });
    });
  } finally {
    await studio.close();
    interrupts.dispose();
  }
  output.result("", { url: studio.url, runs: root });
}

/**
 * The folder below which a page may choose images.
 * @throws UserError when it is none, or others than this machine can reach the page
 */
async function imagesRoot(
  given: string | undefined,
  host: string,
  allowedHosts: readonly string[],
): Promise<string | undefined> {
  if (given === undefined) return undefined;
  if (!isLoopback(host) || allowedHosts.length > 0)
    throw new UserError(
      "--data lets a page start trainings, so it is for this machine only.",
      `Leave ${isLoopback(host) ? "--allow-host" : "--host"} out, or --data.`,
    );
  const folder = resolve(given);
  const kind = await stat(folder).catch(() => undefined);
  if (kind?.isDirectory()) return folder;
  throw new UserError(
    `--data ${given}: there is no such folder${kind ? ", it is a file" : ""}.`,
    "Name the folder below which images may be chosen.",
  );
}

const launchOptions = (images: string, output: Output): LaunchOptions => ({
  images,
  command: [process.execPath, process.argv[1]!],
  onStopping: (run) => output.line(`${run} saves what it has; then the studio ends.`),
});

/**
 * A host name as people give it, with the port of an address taken off.
 * @throws UserError for an address or anything else that no browser sends as a host
 */
function hostName(text: string): string {
  const name = text.trim().replace(/:\d+$/, "");
  // What a browser sends for the name: in small letters, with letters beyond ASCII encoded.
  const url = URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`) : undefined;
  if (!url || name === "" || /[/?#@\\\s]/.test(name))
    throw new UserError(
      `--allow-host expects a host name, got "${text}".`,
      "Give the name alone, as it stands in the address of the proxy: --allow-host gan.example.org",
    );
  return url.hostname;
}

/**
 * Serve the runs beside the one in `dir` while it is trained. It must never stand in the way: when it cannot listen, a line says
 * so and training goes on.
 */
export async function serveBeside(dir: string, output: Output): Promise<Studio | undefined> {
  try {
    // The runs beside it and no deeper: with --run it may lie in any folder, of which the rest is nobody's business.
    const root = dirname(dir);
    const hint = startHint(root, false);
    const studio = await startStudio({ root, deepest: 1, otherPort: true, background: true, hint });
    output.line(`studio  ${studio.url}#run=${encodeURIComponent(basename(dir))}`);
    return studio;
  } catch (error) {
    output.line(`studio  cannot be served: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
