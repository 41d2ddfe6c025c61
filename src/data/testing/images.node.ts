/**
 * Image files for tests: temporary folders, pictures with known pixels, and files that are wrong in
 * known ways.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { afterEach } from "vitest";

export type Color = readonly [number, number, number];

/** A folder of its own for each call, removed after the test. */
export function temporaryFolders(): () => string {
  const made: string[] = [];
  afterEach(() => {
    for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
  });
  return () => {
    const path = mkdtempSync(join(tmpdir(), "quarterturn-data-"));
    made.push(path);
    return path;
  };
}

/** Raw RGB pixels, [height, width, 3], from a function of the place. */
export function pixels(width: number, height: number, color: (x: number, y: number) => Color): Uint8Array {
  const out = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out.set(color(x, y), 3 * (y * width + x));
  return out;
}

/** A sharp image with these pixels. */
export function picture(width: number, height: number, color: (x: number, y: number) => Color): Sharp {
  return sharp(pixels(width, height, color), { raw: { width, height, channels: 3 } });
}

/** Writes `count` small PNGs of different plain colors, named 000.png and so on, into `folder`. */
export async function writePictures(folder: string, count: number, side = 40): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const file = await picture(side, side, () => plainColor(i))
        .png()
        .toBuffer();
      await writeFile(join(folder, `${String(i).padStart(3, "0")}.png`), file);
    }),
  );
}

/** The color of picture `i` of `writePictures`. */
export function plainColor(i: number): Color {
  return [(i * 37) % 256, (i * 59) % 256, i % 256];
}

/** Writes a file, making its folder. */
export async function put(path: string, contents: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contents);
}

/** A true black-and-white PNG of `side`×`side`, small on disk however large it is. */
export function hugePng(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const rows = Buffer.alloc((1 + Math.ceil(side / 8)) * side);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 1 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/**
 * The files of a CIFAR-10 folder with `perFile` images each; pixel values tell file, image and
 * channel apart.
 */
export async function writeCifar10(folder: string, perFile: number): Promise<void> {
  const names = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`).concat("test_batch.bin");
  for (const [which, name] of names.entries()) {
    const bytes = Buffer.alloc(perFile * 3073);
    for (let i = 0; i < perFile; i++) {
      bytes[i * 3073] = (which + i) % 10;
      for (let channel = 0; channel < 3; channel++)
        for (let p = 0; p < 1024; p++)
          bytes[i * 3073 + 1 + channel * 1024 + p] = (which * 40 + i + channel * 5 + p) % 256;
    }
    await put(join(folder, name), bytes);
  }
}
