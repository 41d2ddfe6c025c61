/** Images made worse, for tests of what measures that. */
import { randomStream } from "../../base/random.ts";

/** Every image averaged with its neighbors, `times` over. */
export function blurred(images: Uint8Array, side: number, times: number): Float32Array {
  let now = Float32Array.from(images);
  const at = (n: number, y: number, x: number, c: number): number => {
    const [cy, cx] = [y, x].map((v) => Math.min(side - 1, Math.max(0, v))) as [number, number];
    return ((n * side + cy) * side + cx) * 3 + c;
  };
  for (let turn = 0; turn < times; turn++) {
    const next = new Float32Array(now.length);
    for (let i = 0; i < now.length; i++) {
      const [c, x, y] = [i % 3, Math.floor(i / 3) % side, Math.floor(i / 3 / side) % side];
      const n = Math.floor(i / 3 / side / side);
      next[i] =
        (now[at(n, y - 1, x, c)]! +
          now[at(n, y + 1, x, c)]! +
          now[at(n, y, x - 1, c)]! +
          now[at(n, y, x + 1, c)]!) /
        4;
    }
    now = next;
  }
  return now;
}

/** With normal noise, cut at black and white. */
export function noisy(images: Uint8Array, deviation: number): Float32Array {
  const stream = randomStream(1, "noise");
  return Float32Array.from(images, (value) =>
    Math.min(255, Math.max(0, value + deviation * stream.normal())),
  );
}
