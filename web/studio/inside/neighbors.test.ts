/** The map by neighbors. */
import { expect, it } from "vitest";
import { randomStream } from "../../../src/base/random.ts";
import { placeByNeighbors } from "./neighbors.ts";

it("puts what is alike beside one another, and always to the same places", () => {
  const stream = randomStream(2, "clusters");
  // Three groups far apart in five dimensions, though not along the first two.
  const rows = Array.from({ length: 36 }, (_, i) =>
    Array.from({ length: 5 }, (_, d) => stream.normal() + (d > 1 && d - 2 === i % 3 ? 40 : 0)),
  );
  const places = placeByNeighbors(rows);
  const nearest = (i: number): number => {
    const far = places.map(([x, y], j) =>
      i === j ? Infinity : Math.hypot(x - places[i]![0], y - places[i]![1]),
    );
    return far.indexOf(Math.min(...far));
  };
  expect(rows.filter((_, i) => nearest(i) % 3 === i % 3)).toHaveLength(36);
  expect(placeByNeighbors(rows)).toEqual(places);
});
