import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { idxOf } from "../../testing/archives.node.ts";
import { put, temporaryFolders } from "../../testing/images.node.ts";
import { openSmall, pixelsOf, userError } from "../../testing/open.node.ts";

const newFolder = temporaryFolders();

const images = (count: number): Buffer =>
  idxOf(
    [count, 28, 28],
    Uint8Array.from({ length: count * 784 }, (_, i) => 1 + (i % 255)),
  );

async function digits(labels: readonly number[] = [5, 0, 9]): Promise<string> {
  const folder = newFolder();
  await put(join(folder, "train-images-idx3-ubyte"), images(3));
  await put(join(folder, "train-labels-idx1-ubyte"), idxOf([labels.length], Uint8Array.from(labels)));
  await put(join(folder, "t10k-images.idx3-ubyte.gz"), gzipSync(images(2)));
  await put(join(folder, "t10k-labels.idx1-ubyte.gz"), gzipSync(idxOf([2], Uint8Array.of(1, 2))));
  return folder;
}

it("gray becomes three equal channels with a black border, plain or gzipped", async () => {
  const [folder, cache] = [await digits(), newFolder()];
  const train = await openSmall(`mnist:${folder}`, cache);
  expect([...train.labels!]).toEqual([5, 0, 9]);
  const pixels = pixelsOf(train, 1);
  const at = (x: number, y: number): number[] => [...pixels.subarray(3 * (32 * y + x), 3 * (32 * y + x) + 3)];
  expect([at(0, 0), at(1, 5), at(30, 16), at(16, 31)]).toEqual(Array(4).fill([0, 0, 0]));
  const value = (x: number, y: number): number => 1 + ((784 + 28 * (y - 2) + x - 2) % 255);
  for (const [x, y] of [
    [2, 2],
    [29, 2],
    [13, 29],
  ] as const)
    expect(at(x, y)).toEqual(Array(3).fill(value(x, y)));
  const test = await openSmall(`fashion-mnist:${folder}`, cache, { split: "test" });
  expect([test.count, test.classNames![9]]).toEqual([2, "Ankle boot"]);
  expect((await openSmall(`mnist:${folder}`, cache, { split: "all" })).count).toBe(5);
});

it("says what is wrong", async () => {
  expect((await userError(openSmall(`mnist:${newFolder()}`, newFolder()))).message).toMatch(
    /no train-images-idx3-ubyte/,
  );
  const of = async (name: string, bytes: Uint8Array): Promise<string> => {
    const folder = await digits();
    await put(join(folder, name), bytes);
    return (await userError(openSmall(`mnist:${folder}`, newFolder()))).message;
  };
  expect(await of("train-images-idx3-ubyte", images(3).subarray(0, 2000))).toMatch(
    /1984 bytes follow its header, which announces 2352/,
  );
  expect(await of("train-images-idx3-ubyte", Buffer.alloc(9))).toMatch(
    /does not begin as one of 3 dimensions/,
  );
  expect(await of("train-images-idx3-ubyte", idxOf([3, 2, 2], new Uint8Array(12)))).toMatch(/images of 2×2/);
  expect(await of("train-labels-idx1-ubyte", idxOf([2], new Uint8Array(2)))).toMatch(/2 labels for 3 images/);
  expect((await userError(openSmall(`mnist:${await digits([5, 0, 10])}`, newFolder()))).message).toMatch(
    /train-images#2 has the label 10, but there are 10 classes/,
  );
});
