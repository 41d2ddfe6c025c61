/** The worker in which UMAP computes: it takes a good part of a second. */
import { placeByNeighbors } from "./neighbors.ts";

self.onmessage = ({ data }: MessageEvent<readonly (readonly number[])[]>) => {
  self.postMessage(placeByNeighbors(data));
};
