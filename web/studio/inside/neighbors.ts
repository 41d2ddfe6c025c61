/**
 * UMAP (McInnes et al. 2018): images on a plane so that those whose features are alike lie beside
 * one another.
 */
import { UMAP } from "umap-js";
import { randomStream } from "../../../src/base/random.ts";

/** How many of its neighbors an image is to stay beside: the algorithm's usual number. */
const NEIGHBORS = 15;

/**
 * Places of rows of numbers; always the same for the same rows.
 * @param rows at least `MIN_ROWS` (map.ts)
 */
export function placeByNeighbors(rows: readonly (readonly number[])[]): (readonly [x: number, y: number])[] {
  const stream = randomStream(0, "umap");
  const umap = new UMAP({
    nNeighbors: Math.min(NEIGHBORS, rows.length - 1),
    random: () => stream.uniform(),
  });
  return umap.fit(rows.map((row) => [...row])).map(([x = 0, y = 0]) => [x, y]);
}
