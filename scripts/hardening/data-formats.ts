/**
 * Pictures, archives and published data sets with something wrong in them, as the campaign has them
 * beside the formats of our own.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { openData } from "../../src/data/open.node.ts";
import { idxOf, tarGzOf, tarOf, zipOf } from "../../src/data/testing/archives.node.ts";
import { openOnnxFeatures } from "../../src/metrics/features/onnx-file.node.ts";
import { legacyFile } from "../../src/metrics/features/testing/torch-file.ts";
import { readStateDict } from "../../src/metrics/features/torch/file.node.ts";
import type { Format } from "../../test/support/format.ts";
import { tinyFeatures } from "../../test/support/tiny-features.ts";

const SIDE = 24;

/**
 * Every format of data that is read by code of our own, or whose failures are put into words here.
 */
export async function dataFormats(folder: string): Promise<Format[]> {
  const at = (...parts: string[]): string => join(folder, "data", ...parts);
  await mkdir(at("pictures"), { recursive: true });
  await mkdir(at("mnist"), { recursive: true });
  const cacheDir = at("cache");
  const open = (source: string) => async (): Promise<void> => {
    const options = { source, resolution: 16, split: "all", preprocessing: "centre-crop" } as const;
    const store = await openData({ ...options, cacheDir, minimumImages: 1 });
    store.read(0, new Uint8Array(16 * 16 * 3), 0);
    store.close();
    await rm(cacheDir, { recursive: true, force: true });
  };
  const picture = sharp({
    create: { width: SIDE, height: SIDE, channels: 3, background: { r: 9, g: 99, b: 199 } },
  });
  const png = await picture.clone().png().toBuffer();
  const pictures: Record<string, Buffer> = {
    png,
    jpg: await picture.clone().jpeg().toBuffer(),
    webp: await picture.clone().webp().toBuffer(),
    tif: await picture.clone().tiff().toBuffer(),
    gif: await picture.clone().gif().toBuffer(),
    avif: await picture.clone().avif().toBuffer(),
    svg: Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><rect width="9" height="9"/></svg>',
    ),
  };
  // One that is whole, so that the folder can be used.
  await writeFile(at("pictures", "whole.png"), png);
  const packed = ["a/1.png", "b/2.png"].map((name) => ({ name, bytes: png }));
  const digits = idxOf([4, 28, 28], new Uint8Array(4 * 784).fill(7));
  const labels = idxOf([4], Uint8Array.of(0, 1, 2, 3));
  for (const part of ["train", "t10k"]) {
    await writeFile(at("mnist", `${part}-images-idx3-ubyte`), digits);
    await writeFile(at("mnist", `${part}-labels-idx1-ubyte`), labels);
  }
  const weights = legacyFile(new Map([["a", { shape: [2], data: Float32Array.of(1, 2) } as never]]));
  const archive = (name: string, valid: Buffer): Format => ({
    ...{ name, file: at(`archive.${name}`), valid, notation: "bytes" },
    read: open(at(`archive.${name}`)),
  });
  return [
    ...Object.entries(pictures).map(
      ([kind, valid]): Format => ({
        ...{ name: `picture, ${kind}`, file: at("pictures", `damaged.${kind}`), valid, notation: "bytes" },
        read: open(at("pictures")),
      }),
    ),
    archive("zip", zipOf(packed)),
    archive("tar", tarOf(packed)),
    archive("tar.gz", tarGzOf(packed)),
    {
      ...{ name: "MNIST images", file: at("mnist", "train-images-idx3-ubyte"), valid: digits },
      ...{ notation: "bytes", read: open(`mnist:${at("mnist")}`) },
    },
    {
      ...{ name: "MNIST labels", file: at("mnist", "train-labels-idx1-ubyte"), valid: labels },
      ...{ notation: "bytes", read: open(`mnist:${at("mnist")}`) },
    },
    {
      ...{ name: "weights of PyTorch", file: at("w.pth"), valid: weights, notation: "bytes" },
      read: async () => readStateDict(await readFile(at("w.pth")), "w.pth"),
    },
    {
      ...{ name: "feature network, ONNX", file: at("f.onnx"), valid: tinyFeatures(), notation: "bytes" },
      async read() {
        const network = await openOnnxFeatures(at("f.onnx"), { threads: 1 }, "foreign");
        await network.close();
      },
    },
  ];
}
