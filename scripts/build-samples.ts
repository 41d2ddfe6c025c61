/**
 * The built-in images for the playground: all of them on one sheet, beside its page. They are the
 * very pixels that training in Node uses, so that a run begun in the page goes on there.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { openData } from "../src/data/index.node.ts";
import { imageBytes } from "../src/data/store/store.ts";
import type { SheetDescription } from "../web/playground/train/built-in.ts";

const COLUMNS = 42;
const SIZE = 32;

/** Write `samples/emoji-32.png` and `.json` below `folder`. */
export async function writeSamples(folder: string): Promise<void> {
  const store = await openData({
    ...{ source: null, resolution: SIZE, split: "train", preprocessing: "centre-crop" },
  });
  try {
    const { count, hash, labels, classNames, summary } = store;
    const [width, height] = [COLUMNS * SIZE, Math.ceil(count / COLUMNS) * SIZE];
    const sheet = new Uint8Array(width * height * 3).fill(255);
    const image = new Uint8Array(imageBytes(SIZE));
    for (let i = 0; i < count; i++) {
      store.read(i, image, 0);
      for (let y = 0; y < SIZE; y++)
        sheet.set(
          image.subarray(y * SIZE * 3, (y + 1) * SIZE * 3),
          ((Math.floor(i / COLUMNS) * SIZE + y) * width + (i % COLUMNS) * SIZE) * 3,
        );
    }
    mkdirSync(join(folder, "samples"), { recursive: true });
    await sharp(sheet, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 9, adaptiveFiltering: true, palette: false })
      .toFile(join(folder, "samples", "emoji-32.png"));
    const description: SheetDescription = {
      ...{ count, size: SIZE, columns: COLUMNS, hash },
      ...{ labels: [...(labels ?? [])], classNames: classNames ?? [], summary },
    };
    writeFileSync(join(folder, "samples", "emoji-32.json"), JSON.stringify(description));
  } finally {
    store.close();
  }
}
