import { expect, it } from "vitest";
import { differenceHash, duplicates } from "./duplicates.node.ts";

it("the difference hash has a bit for each two neighbors of which the right one is brighter", () => {
  const size = 18;
  const ramp = (sign: number): Uint8Array =>
    Uint8Array.from({ length: size * size * 3 }, (_, i) => 128 + sign * 6 * (Math.floor(i / 3) % size));
  expect([...differenceHash(ramp(1), size)]).toEqual(Array(8).fill(255));
  expect([...differenceHash(ramp(-1), size)]).toEqual(Array(8).fill(0));
  // Noise of compression is no edge; a picture of fewer pixels than cells has a hash all the same.
  expect([...differenceHash(ramp(1 / 12), size)]).toEqual(Array(8).fill(0));
  expect(differenceHash(new Uint8Array(4 * 4 * 3), 4)).toHaveLength(8);
});

it("comparing very many pictures can be stopped, and stands in nobody's way", async () => {
  const size = 8;
  const count = 4000;
  const stop = new AbortController();
  const check = duplicates({ size, count, classNames: undefined, signal: stop.signal });
  for (let index = 0; index < count; index++) {
    // All have the same hash, so that each is compared with very many others.
    const shown = new Uint8Array(size * size * 3);
    shown[0] = index % 256;
    shown[1] = index >> 8;
    check.observe({
      index,
      path: `${index}`,
      pixels: shown,
      width: 8,
      height: 8,
      orientation: undefined,
      label: undefined,
    });
  }
  const finished = check.finish();
  setImmediate(() => stop.abort(new Error("enough")));
  await expect(finished).rejects.toThrow("enough");
});
