/**
 * Weights and images out of a formula, the same as in test/goldens/inception.py: a network of 95 MB
 * without a file.
 */
import { input, sizeOf } from "../../../graph/index.ts";
import { traceNetwork } from "../../../nn/scope.ts";
import { INCEPTION_SIDE, INCEPTION_VARIANTS, inception } from "../inception.ts";
import { type InceptionName, torchName } from "../inception-weights.ts";
import type { TorchTensor } from "../torch/tensors.ts";

/**
 * Numbers in [−1, 1): the upper 24 bits of a 32-bit integer hash (Wang's form) of the place and the
 * seed. Exact in float32.
 */
export function noise(count: number, seed: number): Float32Array {
  const start = Math.imul(seed, 2654435761 | 0);
  return Float32Array.from({ length: count }, (_, i) => {
    let x = (i + start) | 0;
    x = x ^ 61 ^ (x >>> 16);
    x = Math.imul(x, 9);
    x ^= x >>> 4;
    x = Math.imul(x, 0x27d4eb2d);
    x ^= x >>> 15;
    return (x >>> 8) / 2 ** 23 - 1;
  });
}

function fill(name: string, shape: readonly number[], seed: number): Float32Array {
  const values = noise(sizeOf(shape), seed);
  if (/running_mean$|bias$/.test(name)) return values.map((v) => v * 0.125);
  if (/running_var$|bn\.weight$/.test(name)) return values.map((v) => v * 0.25 + 1);
  const limit = Math.fround(Math.sqrt(6 / sizeOf(shape.slice(1))));
  return values.map((v) => v * limit);
}

/** A state dict for a form of Inception, as a file would have it. */
export function formulaWeights(name: InceptionName): Map<string, TorchTensor> {
  const trace = traceNetwork(name, false);
  inception(trace.scope, input("images", [1, 3, INCEPTION_SIDE, INCEPTION_SIDE]), INCEPTION_VARIANTS[name]);
  const owned = [...trace.parameters, ...trace.buffers].map((each) => ({
    ...each,
    name: torchName(each.name),
  }));
  owned.sort((a, b) => (a.name < b.name ? -1 : 1));
  return new Map(
    owned.map(({ name: key, shape }, i) => [key, { type: "float32", shape, data: fill(key, shape, i + 1) }]),
  );
}

/**
 * Two images [2, S, S, 3] of gray levels: noise, and noise blurred by means over 9 × 9 pixels
 * (zeros outside).
 */
export function formulaImages(): Float32Array {
  const side = INCEPTION_SIDE;
  const area = side * side;
  const levels = noise(6 * area, 9999).map((v) => {
    const level = Math.fround(v * 127.5) + 127.5;
    // Python rounds halves to even.
    return level % 1 === 0.5 ? 2 * Math.round(level / 2) : Math.round(level);
  });
  const images = new Float32Array(6 * area);
  for (let c = 0; c < 3; c++) {
    const blurred = blur(levels.subarray((3 + c) * area, (4 + c) * area), side);
    for (let p = 0; p < area; p++) {
      images[p * 3 + c] = levels[c * area + p]!;
      images[(area + p) * 3 + c] = blurred[p]!;
    }
  }
  return images;
}

const REACH = 4;

function blur(plane: Float32Array, side: number): Float32Array {
  const along = (from: Float32Array, step: number, place: (p: number) => number): Float32Array =>
    from.map((_, p) => {
      let sum = 0;
      for (let d = -REACH; d <= REACH; d++) {
        const at = place(p) + d;
        if (at >= 0 && at < side) sum += from[p + d * step]!;
      }
      return sum / (2 * REACH + 1);
    });
  const rows = along(plane, 1, (p) => p % side);
  return along(rows, side, (p) => Math.floor(p / side));
}
