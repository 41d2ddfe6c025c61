import { join } from "node:path";
import { expect, it } from "vitest";
import { NO_LABEL } from "../../store/store.ts";
import { put, temporaryFolders } from "../../testing/images.node.ts";
import { openSmall, pixelsOf, userError } from "../../testing/open.node.ts";

const newFolder = temporaryFolders();
const PLANE = 96 * 96;

/** Image i: red is its column, green its row, blue i. Planes are stored column by column. */
function images(count: number): Buffer {
  const bytes = Buffer.alloc(count * 3 * PLANE);
  for (let i = 0; i < count; i++)
    for (let x = 0; x < 96; x++)
      for (let y = 0; y < 96; y++)
        [x, y, i].forEach((value, channel) => {
          bytes[(3 * i + channel) * PLANE + 96 * x + y] = value;
        });
  return bytes;
}

async function stl10(labels: readonly number[] = [1, 10]): Promise<string> {
  const folder = newFolder();
  await put(join(folder, "stl10_binary/train_X.bin"), images(2));
  await put(join(folder, "stl10_binary/train_y.bin"), Buffer.from(labels));
  await put(join(folder, "stl10_binary/test_X.bin"), images(1));
  await put(join(folder, "stl10_binary/test_y.bin"), Buffer.of(3));
  await put(join(folder, "stl10_binary/unlabeled_X.bin"), images(4));
  return folder;
}

it("reads columns as columns, labels from 0, and each part", async () => {
  const [folder, cache] = [await stl10(), newFolder()];
  const train = await openSmall(`stl10:${folder}`, cache, { resolution: 96 });
  expect([...train.labels!]).toEqual([0, 9]);
  expect([train.classNames![0], train.classNames![9]]).toEqual(["airplane", "truck"]);
  const pixels = pixelsOf(train, 1);
  for (const [x, y] of [
    [0, 0],
    [95, 0],
    [3, 70],
  ] as const)
    expect([...pixels.subarray(3 * (96 * y + x), 3 * (96 * y + x) + 3)]).toEqual([x, y, 1]);
  const test = await openSmall(`stl10:${folder}`, cache, { split: "test" });
  expect([test.count, [...test.labels!]]).toEqual([1, [2]]);
  const unlabeled = await openSmall(folder, cache, { split: "unlabelled", resolution: 48 });
  expect([unlabeled.count, unlabeled.size, unlabeled.labels]).toEqual([4, 48, undefined]);
  expect(unlabeled.summary.notes).toEqual(["The published unlabeled part."]);
  const all = await openSmall(folder, cache, { split: "all" });
  expect([all.count, all.labels]).toEqual([7, undefined]);
  const kept = await openSmall(folder, cache, { split: "all", unlabeled: "keep" });
  expect([...kept.labels!]).toEqual([0, 9, 2, ...new Array<number>(4).fill(NO_LABEL)]);
});

it("says what is wrong", async () => {
  expect((await userError(openSmall(`stl10:${newFolder()}`, newFolder()))).message).toMatch(
    /no train_X\.bin/,
  );
  const truncated = await stl10();
  await put(join(truncated, "stl10_binary/train_X.bin"), Buffer.alloc(27_647));
  expect((await userError(openSmall(truncated, newFolder()))).message).toMatch(/not whole images of 27648/);
  expect((await userError(openSmall(await stl10([1, 11]), newFolder()))).message).toMatch(
    /image 1 has the label 11, not 1 to 10/,
  );
  expect((await userError(openSmall(await stl10([1]), newFolder()))).message).toMatch(
    /1 labels for 2 images/,
  );
});
