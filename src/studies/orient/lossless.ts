/**
 * An image file with its pixels rotated and everything else as it was. People put such copies in
 * the place of their scans, so each is read again and compared with the original; one that lacks
 * anything is not handed out.
 */
import sharp, { type Metadata, type Sharp } from "sharp";
import { MAXIMUM_PIXELS } from "../../data/decode/decode.node.ts";
import { tiffSamples } from "../../data/decode/tiff.ts";
import type { Turns } from "./vote.ts";

/** What came of it: the file (a PNG file where `png` says so), or what would have been lost. */
export type LosslessRotation =
  | { readonly bytes: Uint8Array; readonly png: boolean }
  | { readonly reason: string };

/**
 * Turn `bytes` clockwise by `turns` quarter turns, after their EXIF orientation. JPEG files are
 * compressed once more, at the best quality.
 * @param header what sharp says of them
 */
export async function rotateLosslessly(
  bytes: Uint8Array,
  header: Metadata,
  turns: Turns,
): Promise<LosslessRotation> {
  const { pages = 1 } = header;
  if (pages > 1) return { reason: `it has ${pages} pages or frames, of which only the first was looked at` };
  const turn = (): Sharp => upright(bytes, header).rotate(90 * turns);
  try {
    const encoding = await encode(turn().keepMetadata(), bytes, header);
    const written = await encoding.image.toBuffer();
    const copy = await sharp(written, { limitInputPixels: MAXIMUM_PIXELS }).metadata();
    const lost =
      lostProperty(header, copy, encoding.png && header.format !== "png") ??
      (header.format === "jpeg" ? undefined : await lostPixels(turn(), upright(written, copy), header)) ??
      (header.format === "tiff" ? await lostMeaning(bytes, written) : undefined);
    return lost === undefined
      ? { bytes: written, png: encoding.png }
      : { reason: `turning it would lose ${lost}` };
  } catch (error) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { reason: `it cannot be rotated (${line})` };
  }
}

/** The stored numbers, upright: no profile is applied, and no color model changed. */
function upright(bytes: Uint8Array, { space }: Metadata): Sharp {
  const image = sharp(bytes, {
    limitInputPixels: MAXIMUM_PIXELS,
    failOn: "error",
    ignoreIcc: true,
  }).autoOrient();
  return (space === "cmyk" ? image.pipelineColorspace("cmyk") : image).toColorspace(space ?? "srgb");
}

/**
 * In the format of the original; as PNG where that has no form without loss, or none that sharp
 * writes.
 */
async function encode(
  image: Sharp,
  bytes: Uint8Array,
  header: Metadata,
): Promise<{ readonly image: Sharp; readonly png: boolean }> {
  const { format, density, isPalette, bitsPerSample = 8, isProgressive } = header;
  const sized = density === undefined ? image : image.withDensity(density);
  const inFormat = (own: Sharp) => ({ image: own, png: false });
  if (format === "jpeg") return inFormat(sized.jpeg({ quality: 100, chromaSubsampling: "4:4:4" }));
  if (format === "webp") return inFormat(sized.webp({ lossless: true, exact: true }));
  if (format === "tiff") {
    const bilevel = bitsPerSample === 1;
    const whiteFirst = (await samplesOf(bytes))?.photometric === 0;
    const few = bilevel ? { bitdepth: 1 as const, predictor: "none" } : {};
    return inFormat(sized.tiff({ compression: "deflate", miniswhite: whiteFirst, ...few }));
  }
  if (header.mediaType === "image/avif")
    return inFormat(sized.avif({ lossless: true, bitdepth: bitsPerSample as 8 | 10 | 12 }));
  const own = format === "png";
  const few =
    own && isPalette
      ? { palette: true, colors: 2 ** Math.min(8, bitsPerSample), dither: 0, quality: 100 }
      : {};
  return { image: sized.png({ progressive: isProgressive === true && own, ...few }), png: true };
}

/**
 * A property of the original that its copy has not, in words. Of another format, it may take more
 * bits than it did.
 */
function lostProperty(before: Metadata, after: Metadata, other: boolean): string | undefined {
  const icc = (header: Metadata): string => header.icc?.toString("base64") ?? "";
  if (before.depth !== after.depth) return "depth";
  if (before.space !== after.space || before.channels !== after.channels) return "its color model";
  if (icc(before) !== icc(after)) return "its color profile";
  if ((after.orientation ?? 1) !== 1 || (after.pages ?? 1) !== 1) return "its orientation";
  if (other) return undefined;
  if (before.isPalette !== after.isPalette) return "its palette";
  if (before.format !== "jpeg" && before.bitsPerSample !== after.bitsPerSample) return "its number of bits";
  return undefined;
}

async function lostPixels(before: Sharp, after: Sharp, { depth }: Metadata): Promise<string | undefined> {
  const raw = (image: Sharp) => image.raw({ depth }).toBuffer({ resolveWithObject: true });
  const [a, b] = [await raw(before), await raw(after)];
  const same = a.info.width === b.info.width && a.info.channels === b.info.channels && a.data.equals(b.data);
  return same ? undefined : "the exact values of its pixels";
}

/** Further samples of a TIFF file may become transparency, which they were not. */
async function lostMeaning(before: Uint8Array, after: Uint8Array): Promise<string | undefined> {
  const [a, b] = [await samplesOf(before), await samplesOf(after)];
  const same = a && b && a.extra.join() === b.extra.join() && a.photometric === b.photometric;
  return same ? undefined : "the meaning of its samples";
}

const samplesOf = (bytes: Uint8Array) => tiffSamples(async (at, length) => bytes.subarray(at, at + length));
