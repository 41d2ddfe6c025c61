/** Why a picture could not be decoded: its own reason, the same one every time. */
import { access, constants, stat } from "node:fs/promises";
import { NO_REGULAR_FILE } from "../../base/disk/regular.node.ts";
import { openPlain, readPlain } from "../plain-file.node.ts";
import { samplesProblem } from "../samples.node.ts";
import { MAXIMUM_DRAWING } from "./drawing.node.ts";
import { contentKind, HEAD_BYTES } from "./image-content.ts";

/**
 * All bytes of what may be a drawing. @throws as `readPlain`; RangeError if it is larger than
 * drawings are
 */
export async function readInput(input: string | Uint8Array): Promise<Uint8Array> {
  if (typeof input === "string") return readPlain(input, MAXIMUM_DRAWING);
  if (input.length > MAXIMUM_DRAWING)
    throw new RangeError(`${input.length} bytes are too many for a drawing`);
  return input;
}

/** The reason in words. @param error what sharp said when nothing else was decoded */
export async function explainFailure(input: string | Uint8Array, error: unknown): Promise<string> {
  const unreadable = typeof input === "string" ? await explainFile(input) : undefined;
  if (unreadable !== undefined) return unreadable;
  const head = await headOf(input);
  if (head.length === 0) return "empty file";
  const kind = contentKind(head);
  if (kind && !kind.readable) return `${kind.what}, whatever its name says: ${kind.remedy}`;
  const odd = kind?.what.includes("TIFF") ? await samplesProblem(input) : undefined;
  if (odd !== undefined) return odd;
  const text = plainText(error, input);
  if (text.includes("unsupported image format")) return "not an image, whatever its name says";
  if (text.includes("pixel limit")) return "more pixels than the limit: make a smaller copy";
  if (/unsupported|not supported|not been built|channel limit/i.test(text))
    return `of a kind that cannot be read (${text}): convert it to JPEG, PNG or WebP`;
  return `damaged: ${text}`;
}

/**
 * libvips sometimes reports one problem several times over, and names the file by its whole path:
 * the first line says it.
 */
function plainText(error: unknown, input: string | Uint8Array): string {
  const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  const own = typeof input === "string" ? line.replaceAll(`${input}: `, "").replaceAll(input, "it") : line;
  return own === "" || own === "Unknown error" ? "it cannot be decoded" : own;
}

async function headOf(input: string | Uint8Array): Promise<Uint8Array> {
  if (typeof input !== "string") return input.subarray(0, HEAD_BYTES);
  const file = await openPlain(input);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** What keeps the file at `path` from being read, if anything does. */
async function explainFile(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.R_OK);
    const info = await stat(path);
    if (!info.isFile()) return NO_REGULAR_FILE;
    return info.size === 0 ? "empty file" : undefined;
  } catch (denied) {
    const code = (denied as NodeJS.ErrnoException).code;
    if (code === "EACCES" || code === "EPERM") return "no permission to read it";
    if (code === "ENOENT") return "vanished while the folder was read";
    return `cannot be read (${code ?? String(denied)})`;
  }
}
