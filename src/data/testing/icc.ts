/**
 * Color profiles for tests (ICC.1:2001): three primaries or gray, with a gamma curve, and what a
 * value in them is in sRGB.
 */
import { crc32, deflateSync } from "node:zlib";

type Triple = readonly [number, number, number];

/** A space of colors: primaries as XYZ relative to D50, one a row, and a gamma. */
export interface ColorSpace {
  readonly primaries: readonly [Triple, Triple, Triple];
  readonly gamma: number;
}

const D50: Triple = [0.9642, 1, 0.8249];
/** sRGB's primaries, adapted to D50 (the columns of Lindbloom's matrix). */
const SRGB: readonly [Triple, Triple, Triple] = [
  [0.4360747, 0.2225045, 0.0139322],
  [0.3850649, 0.7168786, 0.0971045],
  [0.1430804, 0.0606169, 0.7141733],
];

/** Adobe RGB (1998). */
export const ADOBE_RGB: ColorSpace = {
  primaries: [
    [0.60974, 0.31111, 0.01947],
    [0.20528, 0.62567, 0.06087],
    [0.14919, 0.06322, 0.74457],
  ],
  gamma: 563 / 256,
};

/** Display P3's primaries with a plain gamma. */
export const WIDE: ColorSpace = {
  primaries: [
    [0.51512, 0.2412, -0.00105],
    [0.29198, 0.69225, 0.04189],
    [0.1571, 0.06657, 0.78407],
  ],
  gamma: 461 / 256,
};

/** An ICC profile of `space`. */
export function rgbProfile({ primaries, gamma }: ColorSpace): Buffer {
  const curve = curveTag(gamma);
  return profile("RGB ", [
    ["wtpt", xyzTag(D50)],
    ...primaries.map((each, i) => [`${"rgb"[i]}XYZ`, xyzTag(each)] as const),
    ...[..."rgb"].map((channel) => [`${channel}TRC`, curve] as const),
  ]);
}

/** An ICC profile of grays with a gamma curve. */
export function grayProfile(gamma: number): Buffer {
  return profile("GRAY", [
    ["wtpt", xyzTag(D50)],
    ["kTRC", curveTag(gamma)],
  ]);
}

/** The sRGB values, 0–255, of values 0–255 in `space`; what lies outside is clipped. */
export function inSrgb(color: readonly number[], { primaries, gamma }: ColorSpace): number[] {
  const linear = color.map((value) => (value / 255) ** gamma);
  const xyz = [0, 1, 2].map((k) => linear.reduce((sum, value, i) => sum + value * primaries[i]![k]!, 0));
  return solve(SRGB, xyz).map(encode);
}

/** The sRGB value of a gray value with a gamma curve. */
export const grayInSrgb = (value: number, gamma: number): number => encode((value / 255) ** gamma);

function encode(linear: number): number {
  const value = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
}

/** How much of each primary makes `xyz` (Cramer's rule). */
function solve([r, g, b]: readonly [Triple, Triple, Triple], xyz: readonly number[]): number[] {
  const target = xyz as unknown as Triple;
  const whole = determinant(r, g, b);
  return [determinant(target, g, b), determinant(r, target, b), determinant(r, g, target)].map(
    (part) => part / whole,
  );
}

function determinant(a: Triple, b: Triple, c: Triple): number {
  return (
    a[0] * (b[1] * c[2] - b[2] * c[1]) -
    b[0] * (a[1] * c[2] - a[2] * c[1]) +
    c[0] * (a[1] * b[2] - a[2] * b[1])
  );
}

function profile(space: "RGB " | "GRAY", tags: readonly (readonly [string, Buffer])[]): Buffer {
  const all = [["desc", descriptionTag()], ["cprt", textTag()], ...tags] as const;
  const table = Buffer.alloc(4 + 12 * all.length);
  table.writeUInt32BE(all.length, 0);
  const bodies: Buffer[] = [];
  let at = 128 + table.length;
  all.forEach(([name, body], i) => {
    table.write(name, 4 + 12 * i, "latin1");
    table.writeUInt32BE(at, 8 + 12 * i);
    table.writeUInt32BE(body.length, 12 + 12 * i);
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    bodies.push(padded);
    at += padded.length;
  });
  const header = Buffer.alloc(128);
  header.writeUInt32BE(at, 0);
  header.writeUInt32BE(0x02100000, 8);
  header.write(`mntr${space}XYZ `, 12, "latin1");
  header.write("acsp", 36, "latin1");
  D50.forEach((value, i) => {
    header.writeInt32BE(Math.round(value * 65536), 68 + 4 * i);
  });
  return Buffer.concat([header, table, ...bodies]);
}

function xyzTag(values: Triple): Buffer {
  const tag = Buffer.alloc(20);
  tag.write("XYZ ", 0, "latin1");
  values.forEach((value, i) => {
    tag.writeInt32BE(Math.round(value * 65536), 8 + 4 * i);
  });
  return tag;
}

function curveTag(gamma: number): Buffer {
  const tag = Buffer.alloc(14);
  tag.write("curv", 0, "latin1");
  tag.writeUInt32BE(1, 8);
  tag.writeUInt16BE(Math.round(gamma * 256), 12);
  return tag;
}

function textTag(): Buffer {
  return Buffer.from("text\0\0\0\0no copyright\0", "latin1");
}

function descriptionTag(): Buffer {
  const tag = Buffer.alloc(12 + 5 + 78);
  tag.write("desc", 0, "latin1");
  tag.writeUInt32BE(5, 8);
  tag.write("test", 12, "latin1");
  return tag;
}

/**
 * A PNG file with `icc` in it, which its pixels are taken to be in; whatever sharp writes it
 * converts first.
 */
export function pngWithProfile(png: Buffer, icc: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from("iCCPtest\0\0", "latin1"), deflateSync(icc)]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  sum.writeUInt32BE(crc32(body));
  // Behind the signature and the header, which are always 33 bytes.
  return Buffer.concat([png.subarray(0, 33), length, body, sum, png.subarray(33)]);
}
