import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { NO_LABEL } from "../../store/store.ts";
import { plainColor, put, temporaryFolders } from "../../testing/images.node.ts";
import { corners, openSmall, plainPng, userError } from "../../testing/open.node.ts";

const newFolder = temporaryFolders();

/** What a file of the tests is made of. */
interface Content {
  readonly first: number;
  readonly count: number;
  readonly image?: string;
  /** Values of the column `label`. */
  readonly labels?: readonly (number | string)[];
  readonly classNames?: readonly string[];
  /** Rows without bytes. */
  readonly without?: readonly number[];
}

/**
 * A file as Hugging Face writes it: {bytes, path} and a column of classes, two rows a row group.
 */
async function file({ first, count, image = "image", ...rest }: Content): Promise<Uint8Array> {
  const { labels, classNames, without = [] } = rest;
  const rows = await Promise.all(
    Array.from({ length: count }, async (_, i) => ({
      bytes: without.includes(i) ? null : new Uint8Array(await plainPng(first + i)),
      path: `${i}.png`,
    })),
  );
  const words = typeof labels?.[0] === "string";
  const buffer = parquetWriteBuffer({
    schema: [
      { name: "root", num_children: labels ? 2 : 1 },
      { name: image, num_children: 2, repetition_type: "OPTIONAL" },
      { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
      { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
      ...(labels
        ? [
            words
              ? ({
                  name: "label",
                  type: "BYTE_ARRAY",
                  converted_type: "UTF8",
                  repetition_type: "REQUIRED",
                } as const)
              : ({ name: "label", type: "INT64", repetition_type: "REQUIRED" } as const),
          ]
        : []),
    ],
    columnData: [
      { name: image, data: rows },
      ...(labels
        ? [{ name: "label", data: words ? [...labels] : labels.map((label) => BigInt(label)) }]
        : []),
    ],
    rowGroupSize: 2,
    ...(classNames && {
      kvMetadata: [
        {
          key: "huggingface",
          value: JSON.stringify({
            info: {
              features: { image: { _type: "Image" }, label: { _type: "ClassLabel", names: classNames } },
            },
          }),
        },
      ],
    }),
  });
  return new Uint8Array(buffer);
}

const colors = (from: number, to: number): number[][] =>
  Array.from({ length: to - from }, (_, i) => [...plainColor(from + i)]);

async function folderOf(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = newFolder();
  for (const [name, bytes] of Object.entries(files)) await put(join(folder, name), bytes);
  return folder;
}

describe("files as Hugging Face has them", () => {
  it("reads images over row groups and files, labels, names of classes, and parts by file names", async () => {
    const classNames = ["cat", "dog", "cow"];
    const folder = await folderOf({
      "data/train-00000-of-00002.parquet": await file({
        first: 0,
        count: 5,
        labels: [0, 1, 1, 0, 1],
        classNames,
      }),
      "data/train-00001-of-00002.parquet": await file({ first: 5, count: 3, labels: [1, 0, 0], classNames }),
      "data/validation-00000-of-00001.parquet": await file({
        first: 50,
        count: 2,
        labels: [2, 1],
        classNames,
      }),
    });
    const cache = newFolder();
    const train = await openSmall(`parquet:${folder}`, cache);
    expect(corners(train)).toEqual(colors(0, 8));
    expect([train.classNames, [...train.labels!]]).toEqual([classNames, [0, 1, 1, 0, 1, 1, 0, 0]]);
    expect(train.summary.notes.join()).toMatch(/files of "train", of "train" and "validation"/);
    const test = await openSmall(`parquet:${folder}`, cache, { split: "test" });
    expect([corners(test), [...test.labels!]]).toEqual([colors(50, 52), [2, 1]]);
    expect((await openSmall(`parquet:${folder}`, cache, { split: "all" })).count).toBe(10);
  });

  it("takes one file, the column img, no labels; and words for labels", async () => {
    const folder = await folderOf({
      "a.parquet": await file({ first: 0, count: 3, image: "img" }),
      "b.parquet": await file({ first: 0, count: 3, image: "img", labels: ["pear", "fig", "pear"] }),
    });
    const plain = await openSmall(join(folder, "a.parquet"), newFolder());
    expect([corners(plain), plain.labels]).toEqual([colors(0, 3), undefined]);
    const words = await openSmall(join(folder, "b.parquet"), newFolder());
    expect([words.classNames, [...words.labels!]]).toEqual([
      ["fig", "pear"],
      [1, 0, 1],
    ]);
  });

  it("numbers words and numbers the same in both parts", async () => {
    const folder = await folderOf({
      "train.parquet": await file({ first: 0, count: 2, labels: ["pear", "apple"] }),
      "test.parquet": await file({ first: 0, count: 1, labels: ["fig"] }),
    });
    const test = await openSmall(`parquet:${folder}`, newFolder(), { split: "test" });
    expect([test.classNames, [...test.labels!]]).toEqual([["apple", "fig", "pear"], [1]]);
    const numbers = await folderOf({
      "train.parquet": await file({ first: 0, count: 2, labels: [0, 4] }),
      "test.parquet": await file({ first: 0, count: 1, labels: [1] }),
    });
    expect((await openSmall(`parquet:${numbers}`, newFolder(), { split: "test" })).classNames).toHaveLength(
      5,
    );
  });

  it("leaves out rows whose image is elsewhere, and secret labels", async () => {
    const folder = await folderOf({
      "a.parquet": await file({ first: 0, count: 3, labels: [-1, -1, -1], without: [1] }),
    });
    const store = await openSmall(`parquet:${folder}`, newFolder());
    expect([store.count, store.labels]).toEqual([2, undefined]);
    expect(store.summary.skipped).toEqual([
      { path: "a.parquet#1", reason: "has no bytes in the file, at most a path to elsewhere" },
    ]);
    expect(store.summary.notes.join()).toMatch(/-1 everywhere/);
  });

  it("keeps rows without a label where that is asked for", async () => {
    const keep = { unlabeled: "keep" } as const;
    const numbers = await folderOf({
      "a.parquet": await file({ first: 0, count: 4, labels: [1, -1, 0, -1], classNames: ["x", "y"] }),
    });
    const store = await openSmall(`parquet:${numbers}`, newFolder(), keep);
    expect([store.classNames, [...store.labels!]]).toEqual([
      ["x", "y"],
      [1, NO_LABEL, 0, NO_LABEL],
    ]);
    expect(store.summary.notes).toContain("2 of 4 images have a label.");
    const words = await folderOf({
      "a.parquet": await file({ first: 0, count: 4, labels: ["dog", "", "cat", "unlabeled"] }),
    });
    const named = await openSmall(`parquet:${words}`, newFolder(), keep);
    expect([named.classNames, [...named.labels!]]).toEqual([
      ["cat", "dog"],
      [1, NO_LABEL, 0, NO_LABEL],
    ]);
    const none = await folderOf({ "a.parquet": await file({ first: 0, count: 2, labels: ["", ""] }) });
    expect((await openSmall(`parquet:${none}`, newFolder(), keep)).labels).toBeUndefined();
  });
});

describe("what is refused", () => {
  const failure = async (files: Readonly<Record<string, Uint8Array>>): Promise<string> =>
    (await userError(openSmall(`parquet:${await folderOf(files)}`, newFolder()))).message;

  it("no images in it", async () => {
    const numbers = parquetWriteBuffer({
      columnData: [
        { name: "text", data: ["a", "b"] },
        { name: "label", data: [1, 2], type: "INT32" },
      ],
    });
    expect(await failure({ "a.parquet": new Uint8Array(numbers) })).toMatch(
      /has no column of images, only text, label/,
    );
    expect(await failure({ "a.txt": Buffer.from("x") })).toMatch(/no \.parquet files/);
  });

  it("damage, truncation, something else", async () => {
    const whole = await file({ first: 0, count: 5, labels: [0, 1, 0, 1, 0] });
    expect(await failure({ "a.parquet": whole.subarray(0, whole.length - 50) })).toMatch(
      /is damaged or is no Parquet/,
    );
    expect(await failure({ "a.parquet": Buffer.from("hello".repeat(99)) })).toMatch(
      /is damaged or is no Parquet/,
    );
    const holed = Uint8Array.from(whole).fill(0xff, 4, 200);
    expect(await failure({ "a.parquet": holed })).toMatch(/is damaged or is no Parquet/);
  });

  it("labels out of range, and files that do not belong together", async () => {
    const classNames = ["a", "b"];
    expect(
      await failure({ "a.parquet": await file({ first: 0, count: 2, labels: [0, 2], classNames }) }),
    ).toMatch(/a\.parquet#1 has the label 2, but there are 2 classes/);
    expect(await failure({ "a.parquet": await file({ first: 0, count: 2, labels: [0, 70_000] }) })).toMatch(
      /"label" has 70000 in row 1, which is no label/,
    );
    expect(
      await failure({
        "a.parquet": await file({ first: 0, count: 2, labels: [0, 1] }),
        "b.parquet": await file({ first: 0, count: 2 }),
      }),
    ).toMatch(/not of one data set/);
  });
});
