/**
 * TIFF files for tests (TIFF 6.0), uncompressed in one strip, with any kind of samples: what sharp
 * cannot write.
 */

/** What the file says of its samples. */
export interface TiffSamples {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Bits of a sample. */
  readonly bits: number;
  /** 1 unsigned, 2 signed, 3 floating point, 5 complex. */
  readonly format?: number;
  /** 0 white is zero, 1 black is zero, 2 RGB, 5 CMYK. */
  readonly photometric?: number;
  /**
   * Of each sample beyond the colors: 0 unspecified, 1 transparency that is multiplied in, 2
   * transparency.
   */
  readonly extra?: readonly number[];
  readonly icc?: Uint8Array;
  /** The pixels, little-endian. */
  readonly data: ArrayBufferView;
  /** More tags of 16-bit numbers. */
  readonly tags?: Readonly<Record<number, readonly number[]>>;
  /** Big-endian numbers in the directory; the pixels must then be of bytes. */
  readonly big?: boolean;
}

/** A TIFF file with these samples. */
export function tiffOf(samples: TiffSamples): Buffer {
  const {
    width,
    height,
    channels,
    bits,
    format = 1,
    photometric = channels < 3 ? 1 : 2,
    extra,
    icc,
  } = samples;
  const data = Buffer.from(samples.data.buffer, samples.data.byteOffset, samples.data.byteLength);
  const short = (...values: number[]): Field => ({ type: 3, values });
  const fields = new Map<number, Field>([
    [256, short(width)],
    [257, short(height)],
    [258, short(...new Array<number>(channels).fill(bits))],
    [259, short(1)],
    [262, short(photometric)],
    [273, { type: 4, values: [8] }],
    [277, short(channels)],
    [278, short(height)],
    [279, { type: 4, values: [data.length] }],
    [284, short(1)],
    [339, short(...new Array<number>(channels).fill(format))],
  ]);
  if (extra) fields.set(338, short(...extra));
  if (icc) fields.set(34675, { type: 7, values: [...icc] });
  for (const [tag, values] of Object.entries(samples.tags ?? {})) fields.set(Number(tag), short(...values));
  const header = Buffer.alloc(8);
  header.write(samples.big ? "MM" : "II", "latin1");
  const directoryAt = 8 + data.length + (data.length % 2);
  u16(header, 42, 2, samples.big);
  u32(header, directoryAt, 4, samples.big);
  const directory = directoryOf(fields, directoryAt, samples.big);
  return Buffer.concat([header, data, Buffer.alloc(data.length % 2), directory]);
}

interface Field {
  /** 3 uint16, 4 uint32, 7 bytes. */
  readonly type: 3 | 4 | 7;
  readonly values: readonly number[];
}

function directoryOf(fields: ReadonlyMap<number, Field>, at: number, big?: boolean): Buffer {
  const sorted = [...fields].sort(([a], [b]) => a - b);
  const table = Buffer.alloc(2 + 12 * sorted.length + 4);
  u16(table, sorted.length, 0, big);
  const beyond: Buffer[] = [];
  let next = at + table.length;
  sorted.forEach(([tag, { type, values }], i) => {
    const entry = 2 + 12 * i;
    const size = { 3: 2, 4: 4, 7: 1 }[type];
    const bytes = Buffer.alloc(Math.max(4, size * values.length + ((size * values.length) % 2)));
    values.forEach((value, k) => {
      if (size === 2) u16(bytes, value, 2 * k, big);
      else if (size === 4) u32(bytes, value, 4 * k, big);
      else bytes[k] = value;
    });
    u16(table, tag, entry, big);
    u16(table, type, entry + 2, big);
    u32(table, values.length, entry + 4, big);
    if (size * values.length <= 4) bytes.copy(table, entry + 8);
    else {
      u32(table, next, entry + 8, big);
      beyond.push(bytes);
      next += bytes.length;
    }
  });
  return Buffer.concat([table, ...beyond]);
}

const u16 = (to: Buffer, value: number, at: number, big = false): number =>
  big ? to.writeUInt16BE(value, at) : to.writeUInt16LE(value, at);
const u32 = (to: Buffer, value: number, at: number, big = false): number =>
  big ? to.writeUInt32BE(value, at) : to.writeUInt32LE(value, at);
