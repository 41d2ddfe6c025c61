/**
 * What a TIFF file says of its samples, from the first of its directories (TIFF 6.0, and BigTIFF).
 * libvips tells how many samples a pixel has, but not what they are: a fourth one may be
 * transparency, or near infrared.
 */

/** Reads so many bytes from a place on; fewer at the end of the file. */
export type ReadAt = (at: number, length: number) => Promise<Uint8Array>;

/** The samples of a pixel. */
export interface TiffSamples {
  /** Bits of each sample. */
  readonly bits: number;
  /** 1 unsigned, 2 signed, 3 floating point, 4 not said, 5 and 6 complex. */
  readonly format: number;
  readonly photometric: number;
  /** Samples that make the color: 1, 3 or 4. */
  readonly colors: number;
  /** What each further sample is: 1 and 2 are transparency. */
  readonly extra: readonly number[];
}

const TAGS = { bits: 258, photometric: 262, channels: 277, extra: 338, format: 339 } as const;
/** Bytes of each type of number; others are not needed. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 16: 8 };
/** No directory has more entries, and no entry that is looked at more values. */
const MAX = 4096;
const SEPARATED = 5;

/** The samples of the file's first picture, or undefined where that cannot be made out. */
export async function tiffSamples(read: ReadAt): Promise<TiffSamples | undefined> {
  const tags = await firstDirectory(read);
  if (!tags) return undefined;
  const first = (tag: number, otherwise: number): number => tags.get(tag)?.[0] ?? otherwise;
  const photometric = first(TAGS.photometric, 1);
  const channels = first(TAGS.channels, 1);
  const colors = photometric === SEPARATED ? 4 : photometric === 2 || photometric > SEPARATED ? 3 : 1;
  const named = tags.get(TAGS.extra) ?? [];
  const extra = Array.from({ length: Math.max(0, channels - colors) }, (_, i) => named[i] ?? 0);
  return { bits: first(TAGS.bits, 1), format: first(TAGS.format, 1), photometric, colors, extra };
}

async function firstDirectory(read: ReadAt): Promise<Map<number, number[]> | undefined> {
  const head = viewOf(await read(0, 16));
  if (head.byteLength < 16) return undefined;
  const little = head.getUint16(0) === 0x4949;
  const wide = head.getUint16(2, little) === 43;
  const word = (view: DataView, at: number): number =>
    wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little);
  const [countBytes, entryBytes, valueAt] = wide ? [8, 20, 12] : [2, 12, 8];
  const at = word(head, wide ? 8 : 4);
  const counted = viewOf(await read(at, countBytes));
  if (counted.byteLength < countBytes) return undefined;
  const count = wide ? word(counted, 0) : counted.getUint16(0, little);
  if (count > MAX) return undefined;
  const table = viewOf(await read(at + countBytes, count * entryBytes));
  const wanted: readonly number[] = Object.values(TAGS);
  const found = new Map<number, number[]>();
  for (let entry = 0; entry + entryBytes <= table.byteLength; entry += entryBytes) {
    const tag = table.getUint16(entry, little);
    const type = table.getUint16(entry + 2, little);
    const size = SIZES[type];
    const values = word(table, entry + 4);
    if (!wanted.includes(tag) || size === undefined || values > MAX) continue;
    const inline = size * values <= entryBytes - valueAt;
    const bytes = inline
      ? new DataView(table.buffer, table.byteOffset + entry + valueAt, size * values)
      : viewOf(await read(word(table, entry + valueAt), size * values));
    if (bytes.byteLength < size * values) continue;
    found.set(tag, numbers(bytes, size, little));
  }
  return found;
}

function numbers(view: DataView, size: number, little: boolean): number[] {
  return Array.from({ length: view.byteLength / size }, (_, i) =>
    size === 1
      ? view.getUint8(i)
      : size === 2
        ? view.getUint16(2 * i, little)
        : size === 4
          ? view.getUint32(4 * i, little)
          : Number(view.getBigUint64(8 * i, little)),
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
