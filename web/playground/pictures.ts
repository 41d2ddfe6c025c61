/** Pictures of the page: from planes to pixels, enlarged, onto a canvas, into a file. */
import type { Picture } from "../../src/training/sampling/samples.ts";

/** uint8 [N, 3, S, S] → [N, S, S, 3] */
export function interleave(planes: Uint8Array, side: number): Uint8Array {
  const area = side * side;
  const out = new Uint8Array(planes.length);
  for (let i = 0; i < planes.length / (3 * area); i++)
    for (let c = 0; c < 3; c++)
      for (let p = 0; p < area; p++) out[(i * area + p) * 3 + c] = planes[(i * 3 + c) * area + p]!;
  return out;
}

/** Every pixel as a square of `factor` pixels. */
export function enlarge({ width, height, pixels }: Picture, factor: number): Picture {
  const out = new Uint8Array(width * height * 3 * factor * factor);
  for (let y = 0; y < height * factor; y++)
    for (let x = 0; x < width * factor; x++) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * 3;
      out.set(pixels.subarray(from, from + 3), (y * width * factor + x) * 3);
    }
  return { width: width * factor, height: height * factor, pixels: out };
}

/**
 * The whole number by which a picture of `side` pixels is enlarged to be at least `wanted` wide.
 */
export const factorFor = (side: number, wanted: number): number => Math.max(1, Math.ceil(wanted / side));

/** Draw a picture on a canvas of its size. */
export function draw(canvas: HTMLCanvasElement, { width, height, pixels }: Picture): void {
  canvas.width = width;
  canvas.height = height;
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set(pixels.subarray(i * 3, i * 3 + 3), i * 4);
  canvas.getContext("2d")!.putImageData(new ImageData(rgba, width, height), 0, 0);
}
