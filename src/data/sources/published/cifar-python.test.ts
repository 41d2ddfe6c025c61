import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { put, temporaryFolders, writeCifar10 } from "../../testing/images.node.ts";
import { openSmall, pixelsOf, userError } from "../../testing/open.node.ts";

const newFolder = temporaryFolders();
const golden = (name: string): Buffer =>
  readFileSync(new URL(`../../../../test/goldens/data/${name}`, import.meta.url));

/** Image i of the pickled batches: plane c, pixel p has the value (50 i + 20 c + p) mod 251. */
const expected = (i: number): number[] =>
  Array.from({ length: 3072 }, (_, at) => (50 * i + 20 * (at % 3) + Math.floor(at / 3)) % 251);

/** CIFAR-10's six files, all with the same three images. */
async function python10(): Promise<string> {
  const folder = newFolder();
  for (const name of [
    "data_batch_1",
    "data_batch_2",
    "data_batch_3",
    "data_batch_4",
    "data_batch_5",
    "test_batch",
  ])
    await put(join(folder, "cifar-10-batches-py", name), golden("cifar10-python2.pickle"));
  return folder;
}

async function python100(): Promise<string> {
  const folder = join(newFolder(), "cifar-100-python");
  await put(join(folder, "train"), golden("cifar100-protocol2.pickle"));
  await put(join(folder, "test"), golden("cifar100-protocol2.pickle"));
  await put(join(folder, "meta"), golden("cifar100-meta.pickle"));
  return folder;
}

describe("the Python versions", () => {
  it("CIFAR-10 as Python 2 wrote it", async () => {
    const store = await openSmall(`cifar10:${await python10()}`, newFolder());
    expect(store.count).toBe(15);
    expect([...store.labels!.subarray(3, 6)]).toEqual([3, 0, 9]);
    for (const i of [0, 4, 14]) expect([...pixelsOf(store, i)]).toEqual(expected(i % 3));
    expect(store.classNames![3]).toBe("cat");
  });

  it("CIFAR-100 with fine labels and the names in its meta file", async () => {
    const folder = await python100();
    const store = await openSmall(`cifar100:${folder}`, newFolder(), { split: "test" });
    expect([...store.labels!]).toEqual([99, 0, 50]);
    expect([...pixelsOf(store, 2)]).toEqual(expected(2));
    expect(store.classNames!.slice(98)).toEqual(["class98", "class99"]);
    expect(store.summary.notes).toContain("The published test part.");
    // The folder says what it is by its own.
    expect((await openSmall(folder, newFolder())).summary.source).toBe(`cifar100:${folder}`);
  });

  it("nothing in a file is executed, and what is damaged or another set is named", async () => {
    const evil = await python10();
    await put(join(evil, "cifar-10-batches-py/data_batch_2"), golden("evil.pickle"));
    expect((await userError(openSmall(`cifar10:${evil}`, newFolder()))).message).toMatch(
      /data_batch_2 is damaged or is not a CIFAR-10 file: it names "posix\.system"/,
    );
    const truncated = await python10();
    await put(
      join(truncated, "cifar-10-batches-py/data_batch_1"),
      golden("cifar10-python2.pickle").subarray(0, 5000),
    );
    expect((await userError(openSmall(`cifar10:${truncated}`, newFolder()))).message).toMatch(
      /it ends in the middle of a pickle/,
    );
    const other = await python10();
    await put(join(other, "cifar-10-batches-py/data_batch_1"), golden("cifar100-protocol2.pickle"));
    expect((await userError(openSmall(`cifar10:${other}`, newFolder()))).message).toMatch(
      /no list "labels" \(it has fine_labels, coarse_labels, data\)/,
    );
    const missing = await python10();
    rmSync(join(missing, "cifar-10-batches-py/data_batch_5"));
    expect((await userError(openSmall(`cifar10:${missing}`, newFolder()))).message).toMatch(
      /CIFAR-10 is incomplete: .*data_batch_5/,
    );
  });
});

describe("CIFAR-100, binary", () => {
  /** Two images with coarse and fine labels. */
  const file = (fine: readonly number[]): Buffer =>
    Buffer.concat(fine.map((label, i) => Buffer.concat([Buffer.of(7, label), Buffer.alloc(3072, 10 + i)])));

  it("reads the fine label of two", async () => {
    const folder = newFolder();
    await put(join(folder, "cifar-100-binary/train.bin"), file([99, 4]));
    await put(join(folder, "cifar-100-binary/test.bin"), file([0]));
    const store = await openSmall(`cifar100:${folder}`, newFolder());
    expect([...store.labels!]).toEqual([99, 4]);
    expect(store.classNames).toHaveLength(100);
    expect([...new Set(pixelsOf(store, 1))]).toEqual([11]);
    expect(store.summary.warnings.join()).toMatch(
      /train\.bin has 2 images where the published file has 50000/,
    );
  });

  it("labels out of range and files of the other set are refused", async () => {
    const wrong = newFolder();
    await put(join(wrong, "train.bin"), file([100]));
    expect((await userError(openSmall(`cifar100:${wrong}`, newFolder()))).message).toMatch(
      /train\.bin is not a CIFAR-100 file: image 0 has the label 100/,
    );
    const ten = newFolder();
    await writeCifar10(ten, 2);
    await put(join(ten, "data_batch_1.bin"), file([1, 2]));
    const error = await userError(openSmall(`cifar10:${ten}`, newFolder()));
    expect(error.message).toMatch(/data_batch_1\.bin is damaged or is not a CIFAR-10 file/);
    expect(error.hint).toMatch(/cifar100:PATH/);
  });
});
