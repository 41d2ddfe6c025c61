/**
 * Drawings that libvips does not take for drawings: in a file it looks for `<svg` in the first
 * thousand bytes. Long comments and entities (Illustrator's) come before it, a byte order mark, or
 * the file is UTF-16.
 */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/** Drawings are text: larger ones are something else. */
export const MAXIMUM_DRAWING = 64 << 20;

/** Where the element may begin at most. */
const PROLOG = 1 << 20;

/**
 * The same drawing in a form that libvips recognizes: UTF-8 with `<svg` near the start.
 * @returns undefined if `bytes` are no drawing
 */
export async function plainDrawing(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const unpacked = await unpack(bytes);
  if (!unpacked) return undefined;
  const text = decode(unpacked);
  const begins = /^\s*</.test(text) && /<(\w+:)?svg[\s>]/i.exec(text.slice(0, PROLOG));
  if (!begins || /^\s*(<!doctype html|<html)/i.test(text)) return undefined;
  const declaration = /^\s*<\?xml[^>]*\?>/.exec(text)?.[0] ?? "";
  // The text is UTF-8 from here on, whatever it was. The comment is for libvips' eyes.
  const says = declaration.trimStart().replace(/encoding\s*=\s*(["'])[^"']*\1/, 'encoding="UTF-8"');
  return Buffer.from(`${says}<!-- <svg -->${text.slice(declaration.length)}`, "utf8");
}

async function unpack(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  if (bytes.length > MAXIMUM_DRAWING) return undefined;
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  return promisify(gunzip)(bytes, { maxOutputLength: MAXIMUM_DRAWING }).catch(() => undefined);
}

function decode(bytes: Uint8Array): string {
  const [a, b] = bytes;
  const encoding =
    (a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)
      ? "utf-16le"
      : (a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)
        ? "utf-16be"
        : (/^[^>]*encoding\s*=\s*["']([\w-]+)["']/.exec(
            Buffer.from(bytes.subarray(0, 200)).toString("latin1"),
          )?.[1] ?? "utf-8");
  try {
    // A byte order mark is dropped by it.
    return new TextDecoder(encoding).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
