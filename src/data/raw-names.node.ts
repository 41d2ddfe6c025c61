/**
 * Names as file systems have them: bytes, which on Linux need not be UTF-8 (`unzip` of archives
 * from old Windows machines makes such names). Node's strings lose what is not, and a path with a
 * lost byte leads nowhere; so folders are read as bytes.
 */
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
