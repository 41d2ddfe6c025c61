/** Samples beside their nearest training images, as one picture: those that are nearest first. */
import type { BatchSource } from "../../data/store/batches.ts";
import { imageBytes } from "../../data/store/store.ts";
import { enlargePixels } from "../../training/enlarge.ts";
import type { Picture } from "../../training/sampling/samples.ts";
import type { NearestImages } from "./memorization.ts";

/** Samples in a row of the sheet, each with its two neighbors. */
const ACROSS = 4;
/** Least side of an image on the sheet, in pixels; smaller ones are enlarged. */
const MIN_SIDE = 48;
const GAP = 4;
/** Between one sample with its neighbors and the next. */
const WIDE_GAP = 16;
/** A digit is 3 × 5 squares of so many pixels. */
const DOT = 2;
const TEXT_HEIGHT = 5 * DOT + GAP;

/** Rows of 3 squares, 5 a digit, most significant bit on the left. */
const DIGITS: Readonly<Record<string, readonly number[]>> = {
  "0": [7, 5, 5, 5, 7],
  "1": [2, 6, 2, 2, 7],
  "2": [7, 1, 7, 4, 7],
  "3": [7, 1, 7, 1, 7],
  "4": [5, 5, 7, 1, 1],
  "5": [7, 4, 7, 1, 7],
  "6": [7, 4, 7, 5, 7],
  "7": [7, 1, 1, 2, 2],
  "8": [7, 5, 7, 5, 7],
  "9": [7, 5, 7, 1, 7],
  "%": [5, 1, 2, 4, 5],
};

/** Where the images of one sample lie on the sheet: left upper corners, in pixels. */
export interface SheetPlace {
  /** Which of the samples. */
  readonly sample: number;
  readonly at: readonly [x: number, y: number];
  readonly features: readonly [x: number, y: number];
  readonly pixels: readonly [x: number, y: number];
}

/** The picture, and where everything is on it. */
export interface Sheet {
  readonly picture: Picture;
  /** Side of an image on the sheet, in pixels. */
  readonly side: number;
  readonly places: readonly SheetPlace[];
}

/**
 * Lay samples out, each with its nearest training image in features and in pixels on its right, and
 * the percentiles of both below these.
 * @param samples uint8 [N, S, S, 3] @param nearest of each of them
 */
export function nearestSheet(
  samples: Uint8Array,
  nearest: readonly NearestImages[],
  training: BatchSource,
): Sheet {
  const { size } = training;
  const bytes = imageBytes(size);
  const scale = Math.max(1, Math.ceil(MIN_SIDE / size));
  const side = size * scale;
  const nearness = ({ features, pixels }: NearestImages): number =>
    Math.max(features.percentile, pixels.percentile);
  const order = nearest.map((_, i) => i).sort((a, b) => nearness(nearest[a]!) - nearness(nearest[b]!));
  const across = Math.min(ACROSS, order.length);
  const cell = { width: 3 * side + 2 * GAP + WIDE_GAP, height: side + TEXT_HEIGHT + WIDE_GAP };
  const width = across * cell.width - WIDE_GAP;
  const height = Math.ceil(order.length / across) * cell.height - WIDE_GAP;
  const picture: Picture = { width, height, pixels: new Uint8Array(width * height * 3).fill(255) };
  const image = new Uint8Array(bytes);

  const places = order.map((sample, i): SheetPlace => {
    const x = (i % across) * cell.width;
    const y = Math.floor(i / across) * cell.height;
    const [second, third] = [x + side + GAP, x + 2 * (side + GAP)];
    const { features, pixels } = nearest[sample]!;
    paste(
      picture,
      enlargePixels(samples.subarray(sample * bytes, (sample + 1) * bytes), size, 3, scale),
      side,
      x,
      y,
    );
    for (const [{ index, percentile }, left] of [
      [features, second],
      [pixels, third],
    ] as const) {
      training.read(index, image, 0);
      paste(picture, enlargePixels(image, size, 3, scale), side, left, y);
      write(picture, `${Math.round(100 * percentile)}%`, left, y + side + GAP);
    }
    return { sample, at: [x, y], features: [second, y], pixels: [third, y] };
  });
  return { picture, side, places };
}

function paste({ width, pixels }: Picture, image: Uint8Array, side: number, x: number, y: number): void {
  for (let row = 0; row < side; row++)
    pixels.set(image.subarray(row * side * 3, (row + 1) * side * 3), ((y + row) * width + x) * 3);
}

/** Digits in black. */
function write({ width, pixels }: Picture, text: string, x: number, y: number): void {
  [...text].forEach((letter, place) => {
    DIGITS[letter]!.forEach((row, down) => {
      for (let across = 0; across < 3; across++) {
        if (!((row >> (2 - across)) & 1)) continue;
        for (let dy = 0; dy < DOT; dy++) {
          const left = x + (place * 4 + across) * DOT;
          const from = ((y + down * DOT + dy) * width + left) * 3;
          pixels.fill(0, from, from + DOT * 3);
        }
      }
    });
  });
}
