/** What the data folder offers to Node programs; the portable parts are in `store.ts`, `memory-store.ts` and `batches.ts`. */

export { defaultCacheFolder } from "../base/cache.node.ts";
export { printable } from "../base/printable.ts";
export { FEW_IMAGES, MINIMUM_IMAGES } from "./advice.ts";
export {
  type Batch,
  type BatchIterator,
  type BatchSource,
  type BatchState,
  batches,
  drawRandomImages,
} from "./batches.ts";
export { PUBLICATIONS, type Publication, publicationOf } from "./fetch/catalog.ts";
export { type Fetched, type FetchProgress, fetchData } from "./fetch/fetch.node.ts";
export { CHECKS, type Inspection, inspectData } from "./inspect/inspect.node.ts";
export { type MemoryImages, memoryStore } from "./memory-store.ts";
export { type OpenDataOptions, openData } from "./open.node.ts";
export type { PackProgress } from "./pack.node.ts";
export { type BatchSupply, supplyBatches } from "./read-ahead.ts";
export { listInProcess } from "./reader/list-in-process.node.ts";
export { rotatePixels } from "./rotate.ts";
export { resolveSource, SOURCES } from "./sources/registry.node.ts";
export type { DataSummary, ImageStore, Preprocessing, Range, SkippedFile, Split } from "./store.ts";
