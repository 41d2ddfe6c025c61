/**
 * What a file is by its first bytes, whatever it is called: formats that are read, and those for
 * which one can say what to do.
 */

/** A kind of file. */
export interface ContentKind {
  /** With its article: `a BMP picture`. */
  readonly what: string;
  /** Whether decoding it can succeed. */
  readonly readable: boolean;
  /** What to do with one that is not readable. */
  readonly remedy: string;
}

const CONVERT = "convert it to JPEG, PNG or WebP";
const AGAIN = "get the picture itself";

/** How many of a file's first bytes `contentKind` wants. */
export const HEAD_BYTES = 4096;

type Test = (head: Uint8Array, text: string) => boolean;

const starts =
  (...beginnings: readonly string[]): Test =>
  (_, text) =>
    beginnings.some((beginning) => text.startsWith(beginning));

/** The first that fits counts. Text is Latin-1, so that any byte can be written. */
const KINDS: readonly (readonly [what: string, remedy: string | undefined, test: Test])[] = [
  ["a JPEG picture", undefined, starts("\xff\xd8\xff")],
  ["a PNG picture", undefined, starts("\x89PNG\r\n\x1a\n")],
  ["a GIF picture", undefined, starts("GIF87a", "GIF89a")],
  ["a WebP picture", undefined, (_, text) => text.startsWith("RIFF") && text.slice(8, 12) === "WEBP"],
  ["an AVIF picture", undefined, (_, text) => brands(text).some((brand) => /^avi[fs]$/.test(brand))],
  ["a HEIC picture", CONVERT, (_, text) => brands(text).some((brand) => /^(he|hv|mif1|msf1)/.test(brand))],
  ["a JPEG XL picture", CONVERT, starts("\xff\x0a", "\0\0\0\x0cJXL \r\n\x87\n")],
  ["a JPEG 2000 picture", CONVERT, starts("\0\0\0\x0cjP  \r\n\x87\n", "\xff\x4f\xff\x51")],
  ["a JPEG XR picture", CONVERT, starts("II\xbc")],
  ["a BMP picture", CONVERT, (head, text) => text.startsWith("BM") && head.length > 26 && head[15] === 0],
  ["a Photoshop document", CONVERT, starts("8BPS")],
  ["a Windows icon", CONVERT, starts("\0\0\x01\0", "\0\0\x02\0")],
  ["an OpenEXR picture", CONVERT, starts("\x76\x2f\x31\x01")],
  ["a Radiance picture", CONVERT, starts("#?RADIANCE", "#?RGBE")],
  ["a DirectDraw picture", CONVERT, starts("DDS ")],
  ["a camera's raw picture", CONVERT, starts("FUJIFILMCCD-RAW", "IIU\0", "IIRO", "II*\0\x10\0\0\0CR")],
  ["a TIFF picture", undefined, starts("II*\0", "MM\0*", "II+\0", "MM\0+")],
  ["a netpbm picture", CONVERT, (_, text) => /^P[1-7]\s/.test(text)],
  ["a PDF document", CONVERT, starts("%PDF")],
  ["a PostScript document", CONVERT, starts("%!PS", "\xc5\xd0\xd3\xc6")],
  ["a video", "take single pictures from it", (_, text) => text.slice(4, 8) === "ftyp" || isVideo(text)],
  ["a web page", AGAIN, (_, text) => /^\s*(<!doctype html|<html)/i.test(text)],
  ["a pointer of Git LFS", "run git lfs pull", starts("version https://git-lfs")],
  ["an archive", "unpack it", starts("PK\x03\x04", "Rar!", "7z\xbc\xaf")],
];

/** What a file with these first bytes is, or undefined for something else. */
export function contentKind(head: Uint8Array): ContentKind | undefined {
  const text = Array.from(head.subarray(0, HEAD_BYTES), (byte) => String.fromCharCode(byte)).join("");
  const found = KINDS.find(([, , test]) => test(head, text));
  return found && { what: found[0], readable: found[1] === undefined, remedy: found[1] ?? "" };
}

/** The brands of a file of boxes (ISO 14496-12), the main one first; none for other files. */
function brands(text: string): string[] {
  if (text.slice(4, 8) !== "ftyp") return [];
  const length = [0, 1, 2, 3].reduce((sum, i) => 256 * sum + text.charCodeAt(i), 0);
  const list = text.slice(16, Math.min(length, 256));
  return [text.slice(8, 12), ...(list.match(/.{4}/gs) ?? [])];
}

function isVideo(text: string): boolean {
  return (
    text.startsWith("\x1aE\xdf\xa3") ||
    (text.startsWith("RIFF") && text.slice(8, 11) === "AVI") ||
    text.startsWith("\0\0\x01\xba")
  );
}
