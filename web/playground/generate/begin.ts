/**
 * What takes longest until the first image, begun before the page is there: the worker, which loads
 * ONNX Runtime by itself, and the generator's file. Imports next to nothing, so that it runs first.
 */
import bundled from "../models/emoji.onnx?url";
import { type Fetched, fetchGenerator } from "./fetch-generator.ts";
import type { Place } from "./place.ts";

/** What has been begun. */
export interface Begun {
  readonly worker: Worker;
  /** Where the generator's file is from. */
  readonly address: string;
  /** It is the page's own, of which the page's address says nothing. */
  readonly own: boolean;
  /** Rejected as `fetchGenerator` is. */
  readonly fetched: Promise<Fetched>;
}

/** Begin with the generator that the page's address names, or with the page's own. */
export function beginGenerating(): Begun {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "generate" });
  const named = new URLSearchParams(location.search).get("model");
  const address = named ?? bundled;
  const fetched = fetchGenerator(address);
  // Whoever waits for it is told; nobody waits yet.
  fetched.catch(() => undefined);
  return { worker, address, own: named === null, fetched };
}

/** How a generator is loaded from an address. */
export interface Loading {
  /** It is the page's own, of which the address says nothing. */
  readonly own?: boolean;
  /** What to show of it. */
  readonly place?: Place;
  /** The file, where it has been asked for already. */
  readonly fetched?: Promise<Fetched>;
}
