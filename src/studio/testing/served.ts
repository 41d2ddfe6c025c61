/** A folder of runs with an app over it, for tests of what the server gives and refuses. */
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { createIndexStore } from "../runs/index-store.ts";
import { createRunCatalog } from "../runs/run-catalog.ts";
import { createApp } from "../server/app.ts";
import { evaluationLine, makeRun, sampleLine, steps } from "./records.ts";

/** A PNG file of one black pixel. */
export const PNG = new Uint8Array(encode({ width: 1, height: 1, data: new Uint8Array(3), channels: 3 }));
/** What changes something needs it. */
export const TOKEN = "the-token";
/** Headers of a request that is addressed to the server as it should be. */
export const HOME = { host: "127.0.0.1:4750" };

/** Files of a page that could hardly be smaller. */
export const page = new Map([
  ["/index.html", { type: "text/html", bytes: new TextEncoder().encode("<head></head><body></body>") }],
  ["/assets/a.js", { type: "text/javascript", bytes: new TextEncoder().encode("1") }],
]);

/** The folder: `base` has a run and a file that nobody may reach, `base/runs` is what is served. */
export interface ServedRuns {
  readonly base: string;
  readonly root: string;
  app(host?: string, allowedHosts?: readonly string[], embed?: boolean): ReturnType<typeof createApp>;
  ask(
    path: string,
    headers?: Record<string, string>,
    init?: RequestInit,
    host?: string,
  ): Response | Promise<Response>;
  remove(): Promise<void>;
}

/** A folder with runs, and what serves it. */
export async function servedRuns(): Promise<ServedRuns> {
  const base = await mkdtemp(join(tmpdir(), "quarterturn-studio-"));
  const root = join(base, "runs");
  const one = await makeRun(root, "one", sampleLine(0) + steps(1, 60) + evaluationLine(60, 33.5), 60);
  await makeRun(root, "sweep/ä b", steps(1, 10), 100);
  await makeRun(base, "outside", steps(1, 5), 100);
  await writeFile(join(one, "samples", "0000000.png"), PNG);
  await writeFile(join(base, "outside", "samples", "0000000.png"), PNG);
  await writeFile(join(base, "secret.png"), PNG);
  await symlink(join(base, "outside"), join(root, "link"));
  await symlink(join(base, "secret.png"), join(one, "samples", "0000001.png"));
  const app: ServedRuns["app"] = (host = "127.0.0.1", allowedHosts = [], embed = false) => {
    const catalog = createRunCatalog(root, createIndexStore(join(base, "cache")));
    const { signal } = new AbortController();
    return createApp({ catalog, page, host, allowedHosts, token: TOKEN, embed, signal });
  };
  return {
    ...{ base, root, app },
    ask: (path, headers = {}, init = {}, host?) =>
      app(host).request(path, { ...init, headers: { ...HOME, ...headers } }),
    remove: () => rm(base, { recursive: true, force: true }),
  };
}
