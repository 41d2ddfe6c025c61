/**
 * The orientation of a JPEG file: one number in its EXIF data (CIPA DC-008, tag 0x0112) by which
 * viewers turn the stored pixels. Changing it turns a picture without decoding it, so that nothing
 * is lost.
 */
import type { Turns } from "./vote.ts";

/** Orientations by clockwise quarter turns: of pictures as they are, and of mirrored ones. */
const CYCLES = [
  [1, 6, 3, 8],
  [2, 7, 4, 5],
] as const;

/**
 * The orientation (1 to 8) of a picture that is shown by `orientation` and then rotated clockwise
 * by `turns` quarter turns.
 */
export function rotatedOrientation(orientation: number, turns: Turns): number {
  const cycle = CYCLES.find((each) => (each as readonly number[]).includes(orientation)) ?? CYCLES[0];
  const place = Math.max(0, (cycle as readonly number[]).indexOf(orientation));
  return cycle[(place + turns) % 4]!;
}

const SOI = 0xffd8;
const APP1 = 0xffe1;
const START_OF_SCAN = 0xffda;
const EXIF = "Exif\0\0";
const ORIENTATION = 0x0112;
const SHORT = 3;

/**
 * A copy of a JPEG file with another orientation.
 * @returns undefined when that cannot be done without rewriting its EXIF data: there is some, but
 * no orientation in it
 * @throws RangeError for what is no JPEG file
 */
export function withOrientation(file: Uint8Array, orientation: number): Uint8Array | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 4 || view.getUint16(0) !== SOI) throw new RangeError("not a JPEG file");
  for (let at = 2; at + 4 <= file.length; ) {
    const marker = view.getUint16(at);
    if (marker === START_OF_SCAN || marker < 0xff00) break;
    const length = view.getUint16(at + 2);
    if (marker === APP1 && textAt(file, at + 4, EXIF.length) === EXIF) {
      const place = orientationPlace(view, at + 4 + EXIF.length, at + 2 + length);
      if (!place) return undefined;
      // Not `slice`, which a Buffer answers with a view.
      const copy = new Uint8Array(file);
      new DataView(copy.buffer).setUint16(place.offset, orientation, place.little);
      return copy;
    }
    at += 2 + length;
  }
  const segment = orientationSegment(orientation);
  const copy = new Uint8Array(file.length + segment.length);
  copy.set(file.subarray(0, 2));
  copy.set(segment, 2);
  copy.set(file.subarray(2), 2 + segment.length);
  return copy;
}

const textAt = (file: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...file.subarray(at, at + length));

/** Where the number is, in the TIFF structure from `tiff` to `end`. */
function orientationPlace(
  view: DataView,
  tiff: number,
  end: number,
): { readonly offset: number; readonly little: boolean } | undefined {
  const little = view.getUint16(tiff) === 0x4949;
  const directory = tiff + view.getUint32(tiff + 4, little);
  if (directory + 2 > end) return undefined;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > end) return undefined;
    if (view.getUint16(entry, little) === ORIENTATION && view.getUint16(entry + 2, little) === SHORT)
      return { offset: entry + 8, little };
  }
  return undefined;
}

/** An APP1 segment that says nothing but the orientation. */
function orientationSegment(orientation: number): Uint8Array {
  const bytes = new Uint8Array(36);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, APP1);
  view.setUint16(2, 34);
  bytes.set(new TextEncoder().encode(EXIF), 4);
  view.setUint32(10, 0x4d4d002a);
  view.setUint32(14, 8);
  view.setUint16(18, 1);
  view.setUint16(20, ORIENTATION);
  view.setUint16(22, SHORT);
  view.setUint32(24, 1);
  view.setUint16(28, orientation);
  return bytes;
}
