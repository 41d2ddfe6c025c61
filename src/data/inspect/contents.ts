/**
 * Checks of single images: plain ones, gray ones, EXIF orientation; and how many there are of each
 * class.
 */
import { formatCount } from "../../base/text/format/index.ts";
import { isNear, plainGround } from "../decode/ground.ts";
import { type CheckFactory, LISTED, share, someNames } from "./check.ts";

/**
 * Levels of 255 that values of each color channel may lie apart in a picture of a single color:
 * noise of compression.
 */
const PLAIN = 8;
/** Levels that the color channels of a pixel may lie apart, on average, in a gray picture. */
const GRAY = 3;
/**
 * Levels from which a pixel is colored for everyone, and the share of those that a gray picture may
 * have: stains, noise.
 */
const COLORED = { levels: 24, share: 0.02 } as const;
/** Times as many images as another class has: worth a word. */
const UNEVEN = 10;

/** Pictures of a single color, and gray ones. */
export const colors: CheckFactory = ({ size }) => {
  let images = 0;
  let gray = 0;
  const plain: string[] = [];
  return {
    observe({ path, pixels }) {
      images++;
      if (isPlain(pixels)) plain.push(path);
      if (isGray(pixels, size)) gray++;
    },
    finish() {
      const lines = [`grayscale: ${share(gray, images)}`];
      if (plain.length > 0) lines.push(`of a single color: ${someNames(plain)}`);
      const warnings: string[] = [];
      if (plain.length > 0)
        warnings.push(
          `${formatCount(plain.length)} images are of a single color: they teach nothing, and look the same in every turn. Leave them out.`,
        );
      if (gray > 0 && gray < images && gray >= images / 20)
        warnings.push(
          `${share(gray, images)} of the images are grayscale among colored ones: so will be some of the samples. Leave them out if that is not wanted.`,
        );
      const data = { greyscale: gray, singleColour: { count: plain.length, files: plain.slice(0, LISTED) } };
      return { name: "colours", lines, warnings, data };
    },
  };
};

function isPlain(pixels: Uint8Array): boolean {
  for (let channel = 0; channel < 3; channel++) {
    let [low, high] = [255, 0];
    for (let i = channel; i < pixels.length; i += 3) {
      low = Math.min(low, pixels[i]!);
      high = Math.max(high, pixels[i]!);
    }
    if (high - low > PLAIN) return false;
  }
  return true;
}

/**
 * Whether a picture is gray. Of a figure on a gray or white ground the figure alone is looked at: a
 * ground has more pixels than the figure, and would outvote its colors.
 */
function isGray(pixels: Uint8Array, size: number): boolean {
  const ground = plainGround(pixels, size, size);
  const all = pixels.length / 3;
  let [sum, colored, count] = [0, 0, 0];
  for (let place = 0; place < all; place++) {
    if (ground && isNear(pixels, place, ground)) continue;
    const apart = spreadOf(pixels[3 * place]!, pixels[3 * place + 1]!, pixels[3 * place + 2]!);
    sum += apart;
    if (apart >= COLORED.levels) colored++;
    count++;
  }
  if (ground && spreadOf(...ground) > GRAY) return false;
  return sum <= GRAY * count && colored <= COLORED.share * count;
}

const spreadOf = (r: number, g: number, b: number): number => Math.max(r, g, b) - Math.min(r, g, b);

/**
 * Images that cameras stored lying down. They are rotated upright by what the camera noted; where
 * other programs have dropped the note, an image of the same camera stays rotated, and its rotation
 * label is wrong.
 */
export const orientation: CheckFactory = () => {
  let images = 0;
  let noted = 0;
  const rotated: string[] = [];
  return {
    observe(image) {
      images++;
      if (image.orientation === undefined) return;
      noted++;
      if (image.orientation > 1) rotated.push(image.path);
    },
    finish() {
      const lines = [
        `EXIF orientation noted: ${share(noted, images)}; rotated upright by it: ${share(rotated.length, images)}`,
      ];
      const warnings: string[] = [];
      if (rotated.length > 0 && noted < images)
        warnings.push(
          `${share(rotated.length, images)} of the images were stored rotated and say so; ${formatCount(images - noted)} say nothing about ` +
            `their orientation. Look at the preview for images lying on their side: their rotation labels would be wrong.`,
        );
      const data = { noted, turned: { count: rotated.length, files: rotated.slice(0, LISTED) } };
      return { name: "orientation", lines, warnings, data };
    },
  };
};

/** Images of each class. */
export const classes: CheckFactory = ({ classNames }) => {
  const counts = new Map<number, number>();
  let images = 0;
  return {
    observe({ label }) {
      images++;
      if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
    },
    finish() {
      const rows = (classNames ?? []).map((name, label) => ({ name, count: counts.get(label) ?? 0 }));
      const sorted = [...rows].sort((a, b) => b.count - a.count);
      const [largest, smallest] = [sorted[0], sorted.at(-1)];
      if (!largest || !smallest) return { name: "classes", lines: ["none"], warnings: [], data: [] };
      const shown = sorted.slice(0, 12).map((row) => `${row.name} ${formatCount(row.count)}`);
      if (sorted.length > shown.length) shown.push(`… ${smallest.name} ${formatCount(smallest.count)}`);
      const uneven = largest.count > UNEVEN * smallest.count;
      const warnings = uneven
        ? [
            `The classes are of very different sizes: ${largest.name} has ${formatCount(largest.count)} images, ${smallest.name} ${formatCount(smallest.count)}. ` +
              `Probes and samples will favor the large ones.`,
          ]
        : [];
      const labeled = rows.reduce((sum, { count }) => sum + count, 0);
      const some =
        labeled < images ? [`${formatCount(labeled)} of ${formatCount(images)} images have a label`] : [];
      return {
        name: "classes",
        lines: [`${rows.length}: ${shown.join(", ")}`, ...some],
        warnings,
        data: rows,
      };
    },
  };
};
