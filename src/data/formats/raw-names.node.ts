/**
 * Names as file systems have them: bytes, which on Linux need not be UTF-8 (`unzip` of archives
 * from old Windows machines makes such names). Node's strings lose what is not, and a path with a
 * lost byte leads nowhere; so folders are read as bytes.
 */
import { readdir } from "node:fs/promises";
import { sep } from "node:path";

/** An entry of a folder that was read as bytes. */
export interface RawEntry {
  readonly name: Buffer;
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

/** A file or folder below another. */
export interface Place {
  /** From the top, with `/`, as people are told. */
  readonly path: string;
  /** The last part of it. */
  readonly name: string;
  /** The whole path, for the system. */
  readonly bytes: Buffer;
  /** Whether `path` names it to the system as well. */
  readonly plain: boolean;
}

/** The folder at `path`, to go down from. */
export const topPlace = (path: string): Place => ({
  path: "",
  name: "",
  bytes: Buffer.from(path),
  plain: true,
});

/**
 * What is at `path` below the folder `top`, where `path` is as people are told it. Folders are read
 * only for names with bytes written out.
 * @throws system errors of folders that cannot be read
 */
export async function placeAt(top: string, path: string): Promise<Place> {
  let place = topPlace(top);
  for (const word of path.split("/").filter((each) => each !== ""))
    place = below(place, await nameIn(place, word));
  return place;
}

/** The bytes of the name that is shown as `name`; where two are, of the one that is text. */
async function nameIn(folder: Place, name: string): Promise<Buffer> {
  const text = Buffer.from(name);
  if (!/\\x[0-9A-F]{2}/.test(name)) return text;
  const all = await readdir(folder.bytes, { encoding: "buffer" });
  if (all.some((each) => text.equals(each))) return text;
  return all.find((each) => readableName(each) === name) ?? text;
}

/** The entry called `name` of `folder`. */
export function below(folder: Place, name: Buffer): Place {
  const text = readableName(name);
  return {
    path: folder.path === "" ? text : `${folder.path}/${text}`,
    name: text,
    bytes: Buffer.concat([folder.bytes, Buffer.from(sep), name]),
    plain: folder.plain && Buffer.from(text).equals(name),
  };
}

/** A name as text; bytes that are not UTF-8 become `\xE9` and the like. */
export function readableName(name: Buffer): string {
  const text = name.toString("utf8");
  if (Buffer.from(text).equals(name)) return text;
  let out = "";
  for (let at = 0; at < name.length; ) {
    const length = [1, 2, 3, 4].find((count) => isText(name.subarray(at, at + count)));
    out += length === undefined ? `\\x${hex(name[at]!)}` : name.toString("utf8", at, at + length);
    at += length ?? 1;
  }
  return out;
}

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString("utf8")).equals(bytes);
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
