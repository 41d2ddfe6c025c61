/**
 * Pictures whose samples libvips cannot place. Which numbers are black and white is known of
 * unsigned samples of 8 and 16 bits; of floating point, signed and 32-bit ones it is not (0…1?
 * 0…255? meters?), so they are left out rather than guessed at.
 */
import type { Metadata } from "sharp";
import { type ReadAt, type TiffSamples, tiffSamples } from "./decode/tiff.ts";
import { openPlain } from "./plain-file.node.ts";
import { UnusableImage } from "./sources/source.ts";

const REMEDY = "convert it to 8 or 16 bits a channel";

/** Bits and kinds of numbers that libvips names. */
const DEPTHS: Readonly<Record<string, string>> = {
  char: "signed 8-bit samples",
  short: "signed 16-bit samples",
  uint: "32-bit integer samples",
  int: "signed 32-bit samples",
  float: "floating-point samples",
  double: "64-bit floating-point samples",
  complex: "complex samples",
  dpcomplex: "complex samples",
};

/**
 * Looks at the samples of a picture with this header.
 * @returns whether it has samples beyond the colors that are no transparency
 * @throws UnusableImage if it is not known which numbers are black and white, or which samples are
 *   colors
 */
export async function oddSamples(
  input: string | Uint8Array,
  { format, depth, space, channels }: Metadata,
): Promise<{ spare: boolean }> {
  const kind = DEPTHS[depth];
  // CIELab has a scale of its own.
  if (kind !== undefined && space !== "lab" && space !== "labs")
    throw new UnusableImage(`${kind}, of which nobody knows what is black and white: ${REMEDY}`);
  if (format !== "tiff" || channels === 1) return { spare: false };
  const samples = await readSamples(input);
  const extra = samples?.extra ?? [];
  const transparent = extra.filter((what) => what === 1 || what === 2).length;
  if (transparent > 0 && extra.length > 1)
    throw new UnusableImage(
      `${channels} samples a pixel, transparency and others among them: keep the colors only`,
    );
  return { spare: extra.length > 0 && transparent === 0 };
}

/**
 * What about the samples of a TIFF file may be why it cannot be decoded, in words; undefined if
 * they are usual ones.
 */
export async function samplesProblem(input: string | Uint8Array): Promise<string | undefined> {
  const samples = await readSamples(input);
  if (!samples) return undefined;
  const { bits, format, photometric, colors, extra } = samples;
  if (extra.length > 2) return `${colors + extra.length} samples a pixel: keep the colors only`;
  const numbers = { 2: "signed", 3: "floating-point", 5: "complex", 6: "complex" }[format];
  if (numbers !== undefined || ![1, 2, 4, 8, 16].includes(bits))
    return `${bits}-bit ${numbers ? `${numbers} ` : ""}samples cannot be read: ${REMEDY}`;
  if (photometric > 6) return "its colors are in a space that cannot be read: convert it to RGB";
  return undefined;
}

async function readSamples(input: string | Uint8Array): Promise<TiffSamples | undefined> {
  if (typeof input !== "string")
    return guarded(tiffSamples(async (at, length) => input.subarray(at, at + length)));
  const file = await openPlain(input);
  try {
    const read: ReadAt = async (at, length) => {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    };
    return await guarded(tiffSamples(read));
  } finally {
    await file.close();
  }
}

/** Whatever is wrong with a directory, libvips says it better. */
async function guarded(reading: Promise<TiffSamples | undefined>): Promise<TiffSamples | undefined> {
  return reading.catch(() => undefined);
}
