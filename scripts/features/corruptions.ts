/**
 * Ways to spoil a set of images, mild to severe, for comparing what feature networks make of them.
 * All on uint8 [N, S, S, 3].
 */
import { randomStream } from "../../src/base/random.ts";

/** One set of images. */
export interface Images {
  readonly pixels: Uint8Array;
  readonly labels: Uint16Array;
  readonly side: number;
}

/** A spoiled set. */
export interface Corruption {
  readonly name: string;
  readonly apply: (images: Images) => Uint8Array;
}

const bytes = (values: ArrayLike<number>): Uint8Array => Uint8Array.from(Uint8ClampedArray.from(values));

function noise(deviation: number) {
  return ({ pixels }: Images): Uint8Array => {
    const random = randomStream(1, `noise ${deviation}`);
    return bytes(Float32Array.from(pixels, (v) => v + deviation * random.normal()));
  };
}

/** Gaussian, cut off at three deviations; the border is the nearest pixel. */
function blur(deviation: number) {
  const reach = Math.ceil(3 * deviation);
  const taps = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const total = taps.reduce((a, b) => a + b);
  return ({ pixels, side }: Images): Uint8Array => {
    const along = (from: Float32Array, step: number): Float32Array =>
      from.map((_, at) => {
        const place = Math.floor(at / step) % side;
        return taps.reduce((sum, tap, i) => {
          const inside = Math.min(side - 1, Math.max(0, place + i - reach));
          return sum + (tap / total) * from[at + (inside - place) * step]!;
        }, 0);
      });
    return bytes(along(along(Float32Array.from(pixels), 3), 3 * side));
  };
}

/** Means over blocks. */
function coarse(block: number) {
  return ({ pixels, side }: Images): Uint8Array =>
    Uint8Array.from(pixels, (_, at) => {
      const [image, y, x, c] = place(at, side);
      let sum = 0;
      for (let dy = 0; dy < block; dy++)
        for (let dx = 0; dx < block; dx++)
          sum +=
            pixels[
              ((image * side + Math.floor(y / block) * block + dy) * side +
                Math.floor(x / block) * block +
                dx) *
                3 +
                c
            ]!;
      return Math.round(sum / block ** 2);
    });
}

const place = (at: number, side: number): readonly [image: number, y: number, x: number, channel: number] => {
  const pixel = Math.floor(at / 3);
  return [Math.floor(pixel / side ** 2), Math.floor(pixel / side) % side, pixel % side, at % 3];
};

/** The image turned by 90°, counter-clockwise. */
function turned({ pixels, side }: Images): Uint8Array {
  return Uint8Array.from(pixels, (_, at) => {
    const [image, y, x, c] = place(at, side);
    return pixels[((image * side + x) * side + side - 1 - y) * 3 + c]!;
  });
}

function gray({ pixels }: Images): Uint8Array {
  return Uint8Array.from(pixels, (_, at) => {
    const first = at - (at % 3);
    return Math.round((pixels[first]! + pixels[first + 1]! + pixels[first + 2]!) / 3);
  });
}

/**
 * Images of the other classes replaced by images of those kept, as a generator does that has lost
 * modes.
 */
function only(kept: (label: number) => boolean) {
  return ({ pixels, labels, side }: Images): Uint8Array => {
    const size = side ** 2 * 3;
    const from = [...labels.keys()].filter((i) => kept(labels[i]!));
    const result = new Uint8Array(pixels.length);
    for (let i = 0; i < labels.length; i++) {
      const taken = from[i % from.length]!;
      result.set(pixels.subarray(taken * size, (taken + 1) * size), i * size);
    }
    return result;
  };
}

/** The sets compared, in no order of severity: the networks are to say it. */
export const CORRUPTIONS: readonly Corruption[] = [
  { name: "as they are", apply: ({ pixels }) => pixels },
  { name: "noise, σ 4", apply: noise(4) },
  { name: "noise, σ 12", apply: noise(12) },
  { name: "noise, σ 32", apply: noise(32) },
  { name: "blur, σ 0.5", apply: blur(0.5) },
  { name: "blur, σ 1", apply: blur(1) },
  { name: "blur, σ 2", apply: blur(2) },
  { name: "2 × 2 blocks", apply: coarse(2) },
  { name: "4 × 4 blocks", apply: coarse(4) },
  { name: "turned by 90°", apply: turned },
  { name: "gray", apply: gray },
  { name: "half the contrast", apply: ({ pixels }) => pixels.map((v) => Math.round(64 + v / 2)) },
  { name: "9 of 10 classes", apply: only((label) => label !== 3) },
  { name: "5 of 10 classes", apply: only((label) => label < 5) },
  { name: "1 of 10 classes", apply: only((label) => label === 8) },
];
