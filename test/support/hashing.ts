/**
 * Numbers that the golden values' program and the tests both compute, so that they need not be
 * stored: test/goldens/hashing.py, written again after its description. All hashes are 32-bit;
 * `unit` is a multiple of 2⁻²⁴.
 */
import { type Shape, sizeOf } from "../../src/graph/index.ts";

/** FNV-1a of a name (ASCII). */
function fnv1a(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** `count` unsigned integers of 32 bits: murmur3's finalizer of hash(name) xor i · 0x9E3779B1. */
function hashes(name: string, count: number): Uint32Array {
  const start = fnv1a(name);
  return Uint32Array.from({ length: count }, (_, i) => {
    let h = start ^ Math.imul(i, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  });
}

/** Numbers in [low, high). */
export function between(name: string, shape: Shape, low: number, high: number): Float32Array {
  return Float32Array.from(hashes(name, sizeOf(shape)), (h) => low + (high - low) * ((h >>> 8) / 2 ** 24));
}

/**
 * Branches without any normalization add up from block to block; of these a quarter is taken, so
 * that losses are not saturated.
 */
const BRANCH = 0.25;

/** A parameter or buffer at the start; `name` in full. `conditional`: the generator's norms are. */
export function firstValue(salt: number, name: string, shape: Shape, conditional: boolean): Float32Array {
  const key = `${salt}:${name}`;
  if (/\/(gamma|variance|gamma\/bias)$/.test(name) || (conditional && name.endsWith("/gamma/kernel")))
    return between(key, shape, 0.5, 1.5);
  const limit = name.endsWith("/kernel")
    ? Math.sqrt(6 / sizeOf(shape.slice(1))) * (name.includes("/grouped/") ? BRANCH : 1)
    : name.endsWith("/u")
      ? 1.5
      : 0.2;
  return between(key, shape, -limit, limit);
}

/** Adam's v at the start. */
export const secondMoment = (salt: number, name: string, shape: Shape): Float32Array =>
  between(`${salt}:v:${name}`, shape, 0.005, 0.015);

/** uint8 [N, S, S, 3]: ramps with noise. */
export function hashedImages(salt: number, count: number, size: number): Uint8Array {
  const slopes = Array.from(hashes(`${salt}:slopes`, count * 6), (h) => (h % 241) - 120);
  const noise = hashes(`${salt}:noise`, count * size * size * 3);
  return Uint8Array.from(noise, (h, index) => {
    const channel = index % 3;
    const [column, row] = [Math.floor(index / 3) % size, Math.floor(index / (3 * size)) % size];
    const image = Math.floor(index / (3 * size * size));
    const slope = (axis: number): number => slopes[(image * 3 + channel) * 2 + axis]!;
    const ramp = slope(0) * (2 * row - size + 1) + slope(1) * (2 * column - size + 1);
    return Math.min(255, Math.max(0, 128 + Math.floor(ramp / size) + (h % 61) - 30));
  });
}

/** Class numbers, int64 [N]. */
export const hashedLabels = (salt: number, name: string, count: number, classes: number): BigInt64Array =>
  BigInt64Array.from(hashes(`${salt}:${name}`, count), (h) => BigInt(h % classes));
