import { describe, expect, it } from "vitest";
import { tiffOf } from "../testing/tiff.ts";
import { type TiffSamples, tiffSamples } from "./tiff.ts";

const read = (bytes: Uint8Array): Promise<TiffSamples | undefined> =>
  tiffSamples(async (at, length) => bytes.subarray(at, at + length));
const file = (more: object): Buffer =>
  tiffOf({ width: 2, height: 2, channels: 4, bits: 8, data: new Uint8Array(16), ...more });

/** A BigTIFF file that is nothing but a directory of 16-bit numbers. */
function bigTiff(tags: Readonly<Record<number, readonly number[]>>): Buffer {
  const entries = Object.entries(tags);
  const bytes = Buffer.alloc(16 + 8 + 20 * entries.length + 8);
  bytes.write("II+\0\x08\0\0\0", 0, "latin1");
  bytes.writeBigUInt64LE(16n, 8);
  bytes.writeBigUInt64LE(BigInt(entries.length), 16);
  entries.forEach(([tag, values], i) => {
    const at = 24 + 20 * i;
    bytes.writeUInt16LE(Number(tag), at);
    bytes.writeUInt16LE(3, at + 2);
    bytes.writeBigUInt64LE(BigInt(values.length), at + 4);
    values.forEach((value, k) => {
      bytes.writeUInt16LE(value, at + 12 + 2 * k);
    });
  });
  return bytes;
}

describe("the samples of a TIFF file", () => {
  it.each([false, true])("in either order of bytes (big: %s)", async (big) => {
    expect(await read(file({ big }))).toEqual({ bits: 8, format: 1, photometric: 2, colors: 3, extra: [0] });
    expect((await read(file({ big, extra: [2] })))?.extra).toEqual([2]);
    expect(await read(file({ big, photometric: 5 }))).toMatchObject({ colors: 4, extra: [] });
    expect(await read(file({ big, photometric: 1, extra: [0, 0, 1] }))).toMatchObject({
      colors: 1,
      extra: [0, 0, 1],
    });
  });

  it("in BigTIFF", async () => {
    const tags = { 258: [16, 16, 16, 16], 262: [2], 277: [4], 338: [1], 339: [1, 1, 1, 1] };
    expect(await read(bigTiff(tags))).toEqual({ bits: 16, format: 1, photometric: 2, colors: 3, extra: [1] });
  });

  it("of a file that is cut anywhere are what is left, or nothing", async () => {
    const whole = file({ extra: [2] });
    for (let length = 0; length < whole.length; length++) {
      const samples = await read(whole.subarray(0, length));
      if (samples) expect(samples.bits).toBeGreaterThan(0);
    }
  });
});
