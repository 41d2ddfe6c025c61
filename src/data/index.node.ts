/**
 * What the data folder offers to Node programs; the portable parts are in `store.ts`,
 * `memory-store.ts` and `batches.ts`.
 */

export { defaultCacheFolder } from "../base/disk/cache.node.ts";
export { printable } from "../base/text/printable.ts";
export { FEW_IMAGES, MINIMUM_IMAGES } from "./advice.ts";
export { rotatePixels } from "./decode/rotate.ts";
export { PUBLICATIONS, type Publication, publicationOf } from "./fetch/catalog.ts";
export { type Fetched, type FetchProgress, fetchData } from "./fetch/fetch.node.ts";
export { CHECKS, type Inspection, inspectData } from "./inspect/inspect.node.ts";
export { type OpenDataOptions, openData } from "./open.node.ts";
export { listInProcess } from "./reader/list-in-process.node.ts";
export { resolveSource, SOURCES } from "./sources/registry.node.ts";
export {
  type Batch,
  type BatchIterator,
  type BatchSource,
  type BatchState,
  batches,
  drawRandomImages,
} from "./store/batches.ts";
export { type MemoryImages, memoryStore } from "./store/memory-store.ts";
export type { PackProgress } from "./store/pack.node.ts";
export { type BatchSupply, supplyBatches } from "./store/read-ahead.ts";
export type {
  DataSummary,
  ImageStore,
  Preprocessing,
  Range,
  SkippedFile,
  Split,
  Unlabeled,
} from "./store/store.ts";
