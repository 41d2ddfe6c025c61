/**
 * Copies: images that are equal pixel for pixel at the size that is trained on, and images that
 * look nearly equal (saved again, resized, lightly edited).
 *
 * Near copies are found by a difference hash (Krawetz 2013): the picture shrunk to 9 × 8 gray
 * cells, one bit for each two neighbors in a row: is the right one brighter? Two hashes of 64 bits
 * that differ in at most 7 bits have one of their 8 bytes in common (pigeonhole), so only images
 * that share a byte in the same place are compared. As the hash sees neither color nor contrast,
 * pairs must also agree in the mean color of every cell of an 8 × 8 grid: saving again changes
 * those by a few levels, while another emblem on the same flag or another digit on the same key
 * changes some of them a lot.
 */

import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { formatCount } from "../../base/text/format/index.ts";
import { type CheckFactory, LISTED, NAMED } from "./check.ts";

const CELLS = { across: 9, down: 8 };
const BYTES = 8;
/** Bits that may differ; fewer than there are bytes. */
const NEAR_BITS = 7;
const GRID = 8;
const COLORS = GRID * GRID * 3;
/**
 * Levels of 255 by which each mean color may differ. Looked at: all 52 pairs that are found among
 * CIFAR-10's 60,000 images are the same photograph twice; at half of it none is found, as they were
 * cut out a little differently.
 */
const NEAR_LEVELS = 24;
/** Brighter by this many levels is brighter; below it is noise of compression. */
const MARGIN = 2;
/**
 * In larger groups of hashes with a byte in common, each is compared with this many after it in the
 * order of the hashes.
 */
const COMPARED = 512;
/**
 * So many images are compared with others before the event loop gets its turn: some milliseconds.
 */
const TURN = 500;

/** Begins the check. */
export const duplicates: CheckFactory = (context) => {
  const paths: string[] = [];
  const copies = new Map<string, number[]>();
  const hashes = new Uint8Array(context.count * BYTES);
  const colors = new Uint8Array(context.count * COLORS);
  /** Images that are no copies of earlier ones. */
  const originals: number[] = [];
  return {
    observe({ index, path, pixels }) {
      paths[index] = path;
      const key = digest(pixels);
      const group = copies.get(key);
      if (group) {
        group.push(index);
        return;
      }
      copies.set(key, [index]);
      originals.push(index);
      hashes.set(differenceHash(pixels, context.size), index * BYTES);
      colors.set(meanColors(pixels, context.size), index * COLORS);
    },
    async finish() {
      const exact = [...copies.values()].filter((group) => group.length > 1);
      const near = await nearGroups(originals, hashes, colors, context.signal);
      const names = (groups: readonly (readonly number[])[]): string[][] =>
        groups.map((group) => group.map((index) => paths[index]!));
      const found = [describe("copies, pixel for pixel", names(exact)), describe("near copies", names(near))];
      const surplus = extra(exact) + extra(near);
      const warnings =
        surplus > 0 && surplus >= paths.length / 100
          ? [
              `${formatCount(surplus)} of ${formatCount(paths.length)} images are copies or near copies of others: the generator will favor them, and a ` +
                `test split that shares them with the training split measures too well. Leave all but one of each out.`,
            ]
          : [];
      const data = { exact: listing(names(exact)), near: listing(names(near)) };
      return { name: "duplicates", lines: found, warnings, data };
    },
  };
};

/** Images beyond the first of each group. */
function extra(groups: readonly (readonly unknown[])[]): number {
  return groups.reduce((sum, group) => sum + group.length - 1, 0);
}

function describe(what: string, groups: readonly string[][]): string {
  if (groups.length === 0) return `${what}: none`;
  const shown = groups.slice(0, NAMED).map((group) => group.slice(0, NAMED).join(" = "));
  if (groups.length > NAMED) shown.push(`${formatCount(groups.length - NAMED)} more groups`);
  return `${what}: ${formatCount(extra(groups))} (${shown.join("; ")})`;
}

function listing(groups: readonly string[][]): { images: number; groups: readonly string[][] } {
  return { images: extra(groups), groups: groups.slice(0, LISTED) };
}

/** 128 bits of SHA-256: no two different pictures will ever share them. */
function digest(pixels: Uint8Array): string {
  return createHash("sha256").update(pixels).digest().toString("latin1", 0, 16);
}

/** The hash of an image [size, size, 3], 8 bytes: one for each row of cells. */
export function differenceHash(pixels: Uint8Array, size: number): Uint8Array {
  const gray = new Float64Array(CELLS.across * CELLS.down);
  eachCell(size, CELLS.across, CELLS.down, (cell, at, area) => {
    gray[cell]! += (0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!) / area;
  });
  return Uint8Array.from({ length: BYTES }, (_, row) => {
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) {
      const cell = row * CELLS.across + bit;
      byte |= Number(gray[cell + 1]! > gray[cell]! + MARGIN) << bit;
    }
    return byte;
  });
}

/** Mean colors of an 8 × 8 grid, 192 bytes. */
function meanColors(pixels: Uint8Array, size: number): Uint8Array {
  const sums = new Float64Array(COLORS);
  eachCell(size, GRID, GRID, (cell, at, area) => {
    for (let channel = 0; channel < 3; channel++) sums[3 * cell + channel]! += pixels[at + channel]! / area;
  });
  return Uint8Array.from(sums, Math.round);
}

/**
 * Calls `visit` with the cell, the place and the cell's number of pixels for every pixel of a
 * picture divided into cells.
 */
function eachCell(
  size: number,
  across: number,
  down: number,
  visit: (cell: number, at: number, area: number) => void,
): void {
  // Of a picture with fewer pixels than cells, neighboring cells look at the same pixel.
  const edges = (cells: number): [from: number, to: number][] =>
    Array.from({ length: cells }, (_, i) => {
      const from = Math.min(size - 1, Math.floor((i * size) / cells));
      return [from, Math.max(from + 1, Math.floor(((i + 1) * size) / cells))];
    });
  const [columns, rows] = [edges(across), edges(down)];
  rows.forEach(([top, bottom], row) => {
    columns.forEach(([left, right], column) => {
      const area = (bottom - top) * (right - left);
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) visit(row * across + column, 3 * (y * size + x), area);
    });
  });
}

/**
 * Groups of images that are near copies of one another, by chains, each in the order of the images.
 */
async function nearGroups(
  images: readonly number[],
  hashes: Uint8Array,
  colors: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<number[][]> {
  const parent = new Map<number, number>();
  const root = (image: number): number => {
    let top = image;
    for (let up = parent.get(top); up !== undefined; up = parent.get(top)) top = up;
    return top;
  };
  let looked = 0;
  for (let byte = 0; byte < BYTES; byte++)
    for (const bucket of buckets(images, hashes, byte))
      for (const [i, a] of bucket.entries()) {
        if (++looked % TURN === 0) {
          // Of a million images this takes a minute, in which Ctrl-C shall be heard.
          await setImmediate();
          signal?.throwIfAborted();
        }
        const end = Math.min(bucket.length, i + 1 + COMPARED);
        for (let j = i + 1; j < end; j++) {
          const b = bucket[j]!;
          if (!isNear(a, b, hashes, colors)) continue;
          const [x, y] = [root(a), root(b)];
          if (x !== y) parent.set(Math.max(x, y), Math.min(x, y));
        }
      }
  const groups = new Map<number, number[]>();
  for (const image of images) {
    const top = root(image);
    const group = groups.get(top);
    if (group) group.push(image);
    else groups.set(top, [image]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Images by the value of one byte of their hashes; those with equal hashes stand together. */
function buckets(images: readonly number[], hashes: Uint8Array, byte: number): number[][] {
  const all: number[][] = Array.from({ length: 256 }, () => []);
  for (const image of images) all[hashes[image * BYTES + byte]!]!.push(image);
  const compare = (a: number, b: number): number => {
    for (let i = 0; i < BYTES; i++) {
      const difference = hashes[a * BYTES + i]! - hashes[b * BYTES + i]!;
      if (difference !== 0) return difference;
    }
    return a - b;
  };
  return all.map((bucket) => (bucket.length > COMPARED ? bucket.sort(compare) : bucket));
}

function isNear(a: number, b: number, hashes: Uint8Array, colors: Uint8Array): boolean {
  let bits = 0;
  for (let i = 0; i < BYTES && bits <= NEAR_BITS; i++)
    bits += ONES[hashes[a * BYTES + i]! ^ hashes[b * BYTES + i]!]!;
  if (bits > NEAR_BITS) return false;
  for (let i = 0; i < COLORS; i++)
    if (Math.abs(colors[a * COLORS + i]! - colors[b * COLORS + i]!) > NEAR_LEVELS) return false;
  return true;
}

/** Bits that are one in each byte. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);
