/**
 * The safetensors format (huggingface.co/docs/safetensors): eight bytes of header length, a JSON
 * header that names every tensor with type, shape and place, then the bytes of the tensors one
 * after another. Little-endian throughout, as are all machines this runs on. Reading is strict: the
 * tensors must fill the file exactly, without gaps or overlap, so a truncated or altered file never
 * passes.
 */
import { UserError } from "../base/errors.ts";

/** A tensor to write or one that was read. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array | BigInt64Array;
}

/** What a safetensors file holds. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

const ITEM_BYTES = { F32: 4, U8: 1, I64: 8 } as const;
type ItemType = keyof typeof ITEM_BYTES;
/** The format's own limit on the header. */
const MAX_HEADER = 100_000_000;

function itemType(data: NamedTensor["data"]): ItemType {
  if (data instanceof Float32Array) return "F32";
  return data instanceof Uint8Array ? "U8" : "I64";
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * Encode tensors, as pieces to be written one after another; those after the first are views of the
 * tensors, not copies. The widest type comes first, so that every tensor is aligned to its items.
 * @throws RangeError when a shape does not fit its data
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const width = (tensor: NamedTensor): number => ITEM_BYTES[itemType(tensor.data)];
  const ordered = [...tensors].sort(([, a], [, b]) => width(b) - width(a));
  // Without a prototype any name is only a name, `__proto__` too.
  const header = Object.create(null) as Record<string, unknown>;
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let offset = 0;
  for (const [name, { shape, data }] of ordered) {
    if (size(shape) !== data.length)
      throw new RangeError(`tensor ${name}: ${data.length} numbers do not fill [${shape.join(", ")}]`);
    header[name] = { dtype: itemType(data), shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  let text = JSON.stringify(header);
  const bytes = new TextEncoder().encode(text).length;
  text += " ".repeat((8 - (bytes % 8)) % 8);
  const json = new TextEncoder().encode(text);
  const head = new Uint8Array(8 + json.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length), true);
  head.set(json, 8);
  return [
    head,
    ...ordered.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

/**
 * Decode a safetensors file.
 * @param where the file's name, for messages
 * @throws UserError when the file is truncated, is no safetensors file, or contradicts itself
 */
export function decodeSafetensors(file: Uint8Array, where: string): SafetensorsFile {
  const bad = (what: string): UserError =>
    new UserError(`${where}: ${what}.`, "The file is damaged, unfinished, or not a safetensors file.");
  if (file.length < 8) throw bad(`only ${file.length} bytes long`);
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) throw bad("does not begin with the length of a header");
  if (8n + length > file.length) throw bad(`ends within its header (${file.length} bytes)`);
  const start = 8 + Number(length);

  const header = parseHeader(file.subarray(8, start), bad);
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string"))
    throw bad("the metadata is not text by name");
  const placed = Object.entries(entries).map(([name, entry]) => ({ name, ...checkEntry(name, entry, bad) }));
  placed.sort((a, b) => a.begin - b.begin || a.end - b.end);

  const tensors = new Map<string, NamedTensor>();
  let position = 0;
  for (const { name, type, shape, begin, end } of placed) {
    if (begin !== position) throw bad(`tensor ${name} begins at ${begin}, where ${position} was expected`);
    if (start + end > file.length)
      throw bad(`ends within tensor ${name} (${file.length} of ${start + end} bytes)`);
    tensors.set(name, { shape, data: copyItems(file.subarray(start + begin, start + end), type) });
    position = end;
  }
  if (start + position !== file.length)
    throw bad(`${file.length - start - position} bytes belong to no tensor`);
  return { tensors, metadata: metadata as Record<string, string> };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseHeader(bytes: Uint8Array, bad: (what: string) => UserError): Record<string, unknown> {
  let header: unknown;
  const text = new TextDecoder().decode(bytes);
  try {
    header = JSON.parse(text);
  } catch {
    throw bad("the header is not JSON");
  }
  if (!isRecord(header)) throw bad("the header is not a JSON object");
  // JSON.parse silently keeps the last of two equal keys; a tensor would be lost. Each must appear once as a key.
  const seen = new Set<string>();
  for (const key of outerKeys(text)) {
    if (seen.has(key)) throw bad(`tensor ${key} is there twice`);
    seen.add(key);
  }
  return header;
}

/** Keys of the outermost object of a JSON text, in their order, also those that are there twice. */
function outerKeys(json: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    else if (character === '"') {
      const begin = at++;
      while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
      let next = at + 1;
      while (" \t\r\n".includes(json[next] ?? "x")) next++;
      if (depth === 1 && json[next] === ":") keys.push(JSON.parse(json.slice(begin, at + 1)) as string);
    }
  }
  return keys;
}

function checkEntry(
  name: string,
  entry: unknown,
  bad: (what: string) => UserError,
): { type: ItemType; shape: number[]; begin: number; end: number } {
  const natural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  const naturals = (value: unknown): value is number[] => Array.isArray(value) && value.every(natural);
  if (!isRecord(entry)) throw bad(`tensor ${name} is not described`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(ITEM_BYTES, dtype))
    throw bad(`tensor ${name} has the type ${String(dtype)}; known are F32, U8 and I64`);
  if (!naturals(shape)) throw bad(`tensor ${name} has no valid shape`);
  if (!naturals(offsets) || offsets.length !== 2) throw bad(`tensor ${name} has no valid place`);
  const [begin, end] = offsets as [number, number];
  const type = dtype as ItemType;
  if (end - begin !== size(shape) * ITEM_BYTES[type])
    throw bad(`tensor ${name}: ${end - begin} bytes do not fill [${shape.join(", ")}] of ${type}`);
  return { type, shape, begin, end };
}

/**
 * Numbers begin anywhere in a file: they are copied to where their type may lie. (`slice` of Node's
 * Buffer copies nothing.)
 */
function copyItems(bytes: Uint8Array, type: ItemType): NamedTensor["data"] {
  const copy = new Uint8Array(bytes);
  if (type === "U8") return copy;
  const { buffer, byteOffset, byteLength } = copy;
  return type === "F32"
    ? new Float32Array(buffer, byteOffset, byteLength / 4)
    : new BigInt64Array(buffer, byteOffset, byteLength / 8);
}
