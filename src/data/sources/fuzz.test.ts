/**
 * Files with bytes flipped, cut out, put in and appended, of every kind that is read: each either
 * gives pictures or is refused in words. Nothing hangs, and nothing is a bug. They are read as the
 * commands read them: in another process, by which the limits hold.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import type { Square } from "../decode/preprocessing.ts";
import { listInProcess } from "../reader/list-in-process.node.ts";
import { idxOf, tarGzOf, tarOf, zipOf } from "../testing/archives.node.ts";
import { picture, put, temporaryFolders } from "../testing/images.node.ts";
import { plainPng } from "../testing/open.node.ts";
import { tiffOf } from "../testing/tiff.ts";
import { resolveSource } from "./registry.node.ts";
import { UnusableImage } from "./source.ts";

const newFolder = temporaryFolders();
const RUNS = 30;
const SQUARE: Square = { size: 16, preprocessing: "centre-crop", resize: "lanczos3" };
const LIMITS = { seconds: 2, memory: 4e9 };
const golden = (name: string): Buffer =>
  readFileSync(new URL(`../../../test/goldens/data/${name}`, import.meta.url));

/** What is done to a file; places are shares of its length, so that shrinking keeps them. */
type Damage = { readonly at: number; readonly bytes: Uint8Array } & {
  readonly how: "flip" | "cut" | "put" | "write" | "append" | "swap";
};
const damage: fc.Arbitrary<Damage> = fc.record({
  // Headers and ends are where it hurts: half of the places are near one of them.
  at: fc.oneof(
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    fc.double({ min: 0, max: 0.03, noNaN: true }),
    fc.double({ min: 0.95, max: 0.999, noNaN: true }),
  ),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 24 }),
  how: fc.constantFrom("flip", "flip", "flip", "cut", "put", "write", "append", "swap"),
});

function damaged(file: Buffer, { at, bytes, how }: Damage): Buffer {
  const place = Math.floor(at * file.length);
  const [before, after] = [file.subarray(0, place), file.subarray(place)];
  const beyond = after.subarray(bytes.length);
  if (how === "cut") return bytes[0]! < 128 ? Buffer.from(before) : Buffer.concat([before, beyond]);
  if (how === "put") return Buffer.concat([before, bytes, after]);
  if (how === "append") return Buffer.concat([file, ...new Array<Uint8Array>(bytes[0]!).fill(bytes)]);
  if (how === "write") return Buffer.concat([before, bytes.subarray(0, after.length), beyond]);
  if (how === "swap") return Buffer.concat([beyond, before, after.subarray(0, bytes.length)]);
  const copy = Buffer.from(file);
  if (place < copy.length) copy[place]! ^= 1 << (bytes[0]! % 8);
  return copy;
}

/** Read all that is in a source. @returns how many pictures came out */
async function read(source: string): Promise<number> {
  const { definition, location } = resolveSource(source);
  try {
    const listing = await listInProcess(definition, { location, split: "all" }, LIMITS);
    try {
      let pictures = 0;
      // Some, also of a file that says that it has millions.
      for (let index = 0; index < Math.min(3, listing.paths.length); index++) {
        const image = await listing.load(index, SQUARE).catch((error: unknown) => {
          if (!(error instanceof UnusableImage)) throw error;
          expect(error.message).toMatch(/\w/);
        });
        if (!image) continue;
        expect(image.pixels).toHaveLength(16 * 16 * 3);
        pictures++;
      }
      return pictures;
    } finally {
      await listing.close();
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).toMatch(/\w/);
    return 0;
  }
}

const photo = () => picture(60, 45, (x, y) => [(x * 4) % 256, (y * 5) % 256, (x * y) % 256]);
const png = (): Promise<Buffer> => plainPng(3, 20);
const threePngs = async () =>
  Promise.all([1, 2, 3].map(async (i) => ({ name: `pictures/${i}.png`, bytes: await plainPng(i, 20) })));
const parquetOf = async (codec: "UNCOMPRESSED" | "SNAPPY"): Promise<Buffer> => {
  const bytes = new Uint8Array(await png());
  const rows = Array.from({ length: 6 }, (_, i) => ({ bytes: i % 4 === 3 ? null : bytes, path: `${i}.png` }));
  const buffer = parquetWriteBuffer({
    schema: [
      { name: "root", num_children: 2 },
      { name: "image", num_children: 2, repetition_type: "OPTIONAL" },
      { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
      { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
      { name: "label", type: "INT64", repetition_type: "REQUIRED" },
    ],
    columnData: [
      { name: "image", data: rows },
      { name: "label", data: rows.map((_, i) => BigInt(i % 2)) },
    ],
    rowGroupSize: 3,
    codec,
  });
  return Buffer.from(buffer);
};
const drawing = (): string =>
  `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY c "#c8283c">]><svg xmlns="http://www.w3.org/2000/svg" width="30" height="20">` +
  '<defs><linearGradient id="g"><stop offset="0" stop-color="&c;"/></linearGradient></defs><rect width="30" height="20" fill="url(#g)"/></svg>';

/**
 * Kinds of files: what the source is called, the file that is damaged, others that belong to it,
 * and the file itself.
 */
const KINDS: readonly (readonly [
  kind: string,
  source: string,
  name: string,
  make: () => Promise<Buffer> | Buffer,
  others?: Readonly<Record<string, () => Buffer>>,
])[] = [
  ["PNG", "", "a.png", () => photo().png().toBuffer()],
  [
    "JPEG",
    "",
    "a.jpg",
    () =>
      photo()
        .jpeg()
        .withExif({ IFD0: { Copyright: "x" } })
        .toBuffer(),
  ],
  ["GIF", "", "a.gif", () => photo().gif().toBuffer()],
  ["WebP", "", "a.webp", () => photo().webp().toBuffer()],
  ["AVIF", "", "a.avif", () => photo().avif({ effort: 0 }).toBuffer()],
  ["TIFF", "", "a.tif", () => photo().tiff({ compression: "lzw" }).toBuffer()],
  [
    "plain TIFF",
    "",
    "a.tiff",
    () => tiffOf({ width: 20, height: 20, channels: 4, bits: 8, extra: [0], data: new Uint8Array(1600) }),
  ],
  ["SVG", "", "a.svg", () => Buffer.from(drawing())],
  ["gzipped SVG", "", "a.svgz", () => gzipSync(drawing())],
  ["zip", "a.zip", "a.zip", async () => zipOf(await threePngs())],
  ["tar", "a.tar", "a.tar", async () => tarOf(await threePngs())],
  ["gzipped tar", "a.tar.gz", "a.tar.gz", async () => tarGzOf(await threePngs())],
  ["CIFAR-10", "cifar10:", "test_batch.bin", () => Buffer.alloc(3 * 3073, 7)],
  ["a pickle of CIFAR-10", "cifar10:", "test_batch", () => golden("cifar10-python2.pickle")],
  [
    "IDX",
    "mnist:",
    "t10k-images-idx3-ubyte",
    () => idxOf([3, 28, 28], new Uint8Array(3 * 784)),
    { "t10k-labels-idx1-ubyte": () => idxOf([3], new Uint8Array(3)) },
  ],
  ["LMDB", "lmdb:", "data.mdb", () => golden("lsun.mdb")],
  ["Parquet", "a.parquet", "a.parquet", () => parquetOf("UNCOMPRESSED")],
  ["compressed Parquet", "a.parquet", "a.parquet", () => parquetOf("SNAPPY")],
];

/** Parts that a set cannot be without, where only one file is damaged. */
async function complete(folder: string, source: string, name: string, bytes: Buffer): Promise<void> {
  if (source === "cifar10:" && name.startsWith("test"))
    for (let i = 1; i <= 5; i++)
      await put(join(folder, name.replace("test_batch", `data_batch_${i}`)), bytes);
  if (source === "mnist:")
    for (const each of ["images-idx3", "labels-idx1"])
      await put(
        join(folder, `train-${each}-ubyte`),
        each.startsWith("images")
          ? idxOf([3, 28, 28], new Uint8Array(3 * 784))
          : idxOf([3], new Uint8Array(3)),
      );
}

describe("damaged files are read or refused, and left alone", () => {
  for (const [kind, source, name, make, others = {}] of KINDS)
    it(kind, async () => {
      const whole = await make();
      let folder = newFolder();
      const fill = async (bytes: Buffer): Promise<string> => {
        folder = newFolder();
        await complete(folder, source, name, whole);
        for (const [other, content] of Object.entries(others)) await put(join(folder, other), content());
        await put(join(folder, name), bytes);
        return source.endsWith(":") || source === "" ? `${source}${folder}` : join(folder, source);
      };
      // Otherwise the cases would say nothing.
      expect(await read(await fill(whole))).toBeGreaterThan(0);
      await fc.assert(
        fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (all) => {
          const bytes = all.reduce(damaged, whole);
          await read(await fill(bytes));
          const after = await readFile(join(folder, name));
          expect(digest(after)).toBe(digest(bytes));
        }),
        { numRuns: RUNS },
      );
    });
});

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
