/**
 * The use case `studio`: a live page over a folder of runs; and the page that is served beside a
 * training.
 */
import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { makeFolder } from "../base/disk/folders.node.ts";
import { UserError } from "../base/errors.ts";
import { option } from "../base/option-names.ts";
import type { LaunchOptions } from "../studio/launch/launcher.ts";
import type { StartHint } from "../studio/server/pages.ts";
import { isLoopback } from "../studio/server/security.ts";
import { DEFAULT_PORT, type Studio, startStudio } from "../studio/server/server.ts";
import { isRun } from "../training/run/folder/run-name.node.ts";
import type { Context, Report } from "./context.ts";
import { shortPath } from "./support/run-folder.ts";

/** What to serve, and where. */
export interface StudioOptions {
  /** The folder of runs, or one run; `runs` unless given. */
  readonly runs?: string | undefined;
  /** The address to listen on; this machine only unless given. */
  readonly host?: string | undefined;
  /** The port to listen on; 4750 unless given, or any other that is free. 0 is any. */
  readonly port?: number | undefined;
  /** Other names that the page is asked for by, as that of a proxy before it. */
  readonly allowHost?: readonly string[] | undefined;
  /** Whether pages of this machine, as a notebook's, may have the page in a frame. */
  readonly embed?: boolean | undefined;
  /**
   * A folder: trainings may be started from the page, on the built-in images and on folders below
   * this one.
   */
  readonly images?: string | undefined;
  /** This program, before its arguments: each training is a process of its own. */
  readonly command: readonly string[];
  /**
   * @returns what the page says while there are no runs; `isOpen`: others than this machine can
   * reach it
   */
  readonly hint: (root: string, isOpen: boolean) => StartHint;
}

/** Where a page was served: the document of `studio --json`. */
export interface StudioOutcome {
  readonly url: string;
  /** The folder of runs, absolute. */
  readonly runs: string;
}

/**
 * Serve a folder of runs until the signal aborts.
 * @throws UserError when the folder is not there or the port is taken
 */
export async function serveStudio(
  options: StudioOptions,
  { report, signal }: Context,
): Promise<StudioOutcome> {
  const { runs = "runs", host = "127.0.0.1", port } = options;
  const root = resolve(runs);
  const allowedHosts = (options.allowHost ?? []).map(hostName);
  const images = await imagesRoot(options.images, host, allowedHosts);
  const kind = await stat(root).catch(() => undefined);
  // Where trainings can be started, there need not be one yet.
  if (images !== undefined && !kind) await makeFolder(root);
  else if (!kind?.isDirectory())
    throw new UserError(
      `There is no folder ${runs}${kind ? ": it is a file" : ""}.`,
      options.runs === undefined
        ? 'Train something first ("quarterturn train" makes runs/), or name a folder of runs.'
        : "Name a folder that holds runs, or one run.",
    );
  if (images !== undefined && (await isRun(root)))
    throw new UserError(
      `${shortPath(root)} is one run, and a run that is started from the page needs a place beside others.`,
      `Name the folder that it is in, or leave ${option("images")} out.`,
    );
  const isOpen = !isLoopback(host);
  if (options.embed && (isOpen || allowedHosts.length > 0))
    throw new UserError(
      `${option("embed")} is for notebooks on this machine, and others can reach this page.`,
      `Leave ${option(isOpen ? "host" : "allowHost")} out, or ${option("embed")}.`,
    );
  // Without a port that was asked for, any will do.
  const studio = await startStudio({
    ...{ root, host, allowedHosts, port, otherPort: port === undefined, embed: options.embed },
    hint: options.hint(root, isOpen),
    launch: images === undefined ? undefined : launchOptions(images, options.command, report),
  });
  try {
    if (isOpen)
      void report({
        kind: "warning",
        message: `Everybody who can reach ${host} on port ${studio.port} can look at these runs and steer them. Leave ${option("host")} out to serve this machine only.`,
      });
    if (port === undefined && studio.port !== DEFAULT_PORT)
      void report({ kind: "note", message: `Port ${DEFAULT_PORT} is taken, so another one.` });
    void report({ kind: "serving", url: studio.url, runs: root, images });
    if (!signal.aborted)
      await new Promise<void>((ended) => {
        signal.addEventListener("abort", () => ended(), { once: true });
      });
  } finally {
    await studio.close();
  }
  return { url: studio.url, runs: root };
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
      `${option("images")} lets a page start trainings, so it is for this machine only.`,
      `Leave ${option(isLoopback(host) ? "allowHost" : "host")} out, or ${option("images")}.`,
    );
  const folder = resolve(given);
  const kind = await stat(folder).catch(() => undefined);
  if (kind?.isDirectory()) return folder;
  throw new UserError(
    `${option("images", given)}: there is no such folder${kind ? ", it is a file" : ""}.`,
    "Name the folder below which images may be chosen.",
  );
}

const launchOptions = (images: string, command: readonly string[], report: Report): LaunchOptions => ({
  images,
  command,
  onStopping: (run) =>
    void report({ kind: "note", message: `${run} saves what it has; then the studio ends.` }),
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
      `${option("allowHost")} expects a host name, got "${text}".`,
      `Give the name alone, as it stands in the address of the proxy: ${option("allowHost", "gan.example.org")}`,
    );
  return url.hostname;
}

/**
 * Serve the runs beside the one in `dir` while it is trained. It must never stand in the way: when
 * it cannot listen, a line says so and training goes on.
 */
export async function serveBeside(
  dir: string,
  hint: StudioOptions["hint"],
  { report }: Pick<Context, "report">,
): Promise<Studio | undefined> {
  const note = (message: string): void => void report({ kind: "note", message: `studio  ${message}` });
  try {
    // The runs beside it and no deeper: the folder that it lies in may be any, of which the rest is nobody's business.
    const root = dirname(dir);
    const begun = { root, deepest: 1, otherPort: true, background: true, hint: hint(root, false) };
    const studio = await startStudio(begun);
    note(`${studio.url}#run=${encodeURIComponent(basename(dir))}`);
    return studio;
  } catch (error) {
    note(`cannot be served: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
