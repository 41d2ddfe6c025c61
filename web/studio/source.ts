/**
 * Where the page has from what it shows: from the server that served it; or, of a page that was
 * saved as one file (`quarterturn studio --snapshot`), from that file.
 */
import type { Carried } from "../../src/studio/snapshot/carried.ts";
import { CARRIED_ID, WORKER_ID } from "../../src/studio/snapshot/carried.ts";

/** What the page carries; undefined where a server answers. */
const carried = JSON.parse(document.getElementById(CARRIED_ID)?.textContent ?? "null") as Carried | null;

/** When a saved page was made, in milliseconds since 1970; undefined of a page that is served. */
export const snapshotMade: number | undefined = carried?.made;

/** Said where a saved page is asked for what only a server can do. */
const FIXED = "This is a saved page: nothing can be changed or computed in it.";
const MISSING = "This page was saved without it.";

/** Ask for what lies at a path, as `fetch` does. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  if (!carried) return fetch(path, init);
  const answer = (init.method ?? "GET") === "GET" ? carried.answers[path] : undefined;
  if (answer !== undefined) return Response.json(answer);
  const error = init.method === "GET" || !init.method ? (carried.problems[path] ?? MISSING) : FIXED;
  return Response.json({ error }, { status: 404 });
}

/** Addresses of pictures that the page carries, by path. */
const addresses = new Map<string, string>();

/** The address of a picture at a path, for elements of the page. */
export function addressOf(path: string): string {
  const text = carried?.pictures[path];
  if (text === undefined) return path;
  const known = addresses.get(path);
  if (known !== undefined) return known;
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  addresses.set(path, address);
  return address;
}

/** The worker that lays images out by neighbors: a file beside the page, or carried by it. */
export function neighborsWorker(): Worker {
  const name = "umap";
  const code = document.getElementById(WORKER_ID)?.textContent;
  if (code === undefined || code === null)
    return new Worker(new URL("./inside/neighbors-worker.ts", import.meta.url), { type: "module", name });
  // No module: a page from the disk may not load one from itself. The code has no imports, and its names are its own.
  const script = `"use strict";(() => {${JSON.parse(code) as string}\n})();`;
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  return new Worker(address, { name });
}
