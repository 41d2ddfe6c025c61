import { rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../../../base/errors.ts";
import { openData } from "../../open.node.ts";
import type { ImageStore, Split } from "../../store/store.ts";
import { put, temporaryFolders, writeCifar10 } from "../../testing/images.node.ts";

const newFolder = temporaryFolders();

function open(path: string, split: Split, resolution = 32): Promise<ImageStore> {
  return openData({
    source: `cifar10:${path}`,
    resolution,
    split,
    preprocessing: "centre-crop",
    cacheDir: newFolder(),
    minimumImages: 1,
  });
}

async function failure(path: string): Promise<UserError> {
  const error: unknown = await open(path, "train").then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

describe("cifar10", () => {
  it("reads labels, and interleaves the color planes", async () => {
    const folder = newFolder();
    await writeCifar10(folder, 12);
    const store = await open(folder, "train");
    expect(store.count).toBe(60);
    expect(store.classNames).toHaveLength(10);
    const image = new Uint8Array(3072);
    for (const [file, record] of [
      [0, 0],
      [1, 3],
      [4, 11],
    ] as const) {
      const index = file * 12 + record;
      store.read(index, image, 0);
      const expected = Array.from(
        { length: 3072 },
        (_, i) => (file * 40 + record + (i % 3) * 5 + Math.floor(i / 3)) % 256,
      );
      expect([...image]).toEqual(expected);
      expect(store.labels![index]).toBe((file + record) % 10);
    }
  });

  it("finds the subfolder of the archive, its class names, and each split", async () => {
    const folder = newFolder();
    await writeCifar10(join(folder, "cifar-10-batches-bin"), 3);
    await put(
      join(folder, "cifar-10-batches-bin/batches.meta.txt"),
      "a b c d e f g h i j".replaceAll(" ", "\n"),
    );
    const test = await open(folder, "test");
    expect(test.count).toBe(3);
    expect(test.classNames).toEqual([..."abcdefghij"]);
    expect((await open(folder, "all")).count).toBe(18);
  });

  it("resizes, and says that images were enlarged", async () => {
    const folder = newFolder();
    await writeCifar10(folder, 2);
    expect((await open(folder, "train", 16)).summary).toMatchObject({ used: 10, enlarged: 0 });
    const large = await open(folder, "train", 64);
    expect(large.size).toBe(64);
    expect(large.summary.warnings.join()).toMatch(/10 of 10 images are smaller than 64×64/);
  });

  it("says what is wrong with other folders", async () => {
    expect((await failure("")).message).toMatch(/needs a path/);
    expect((await failure(newFolder())).message).toMatch(/no data_batch_1\.bin/);

    const incomplete = newFolder();
    await writeCifar10(incomplete, 2);
    rmSync(join(incomplete, "data_batch_4.bin"));
    expect((await failure(incomplete)).message).toMatch(/incomplete.*data_batch_4\.bin/);

    const truncated = newFolder();
    await writeCifar10(truncated, 2);
    truncateSync(join(truncated, "data_batch_2.bin"), 5000);
    expect((await failure(truncated)).message).toMatch(/data_batch_2\.bin is damaged/);

    const foreign = newFolder();
    await writeCifar10(foreign, 2);
    await put(join(foreign, "data_batch_3.bin"), new Uint8Array(3073).fill(77));
    expect((await failure(foreign)).message).toMatch(/data_batch_3\.bin is not a CIFAR-10 file.*label 77/);
  });
});
