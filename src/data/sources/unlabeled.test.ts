/** Sets of which some images have no label: kept without one where that is asked for. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inspectData } from "../inspect/inspect.node.ts";
import { NO_LABEL } from "../store/store.ts";
import { FORMS, type Tree, tell, writeForm } from "../testing/forms.node.ts";
import { plainColor, put, temporaryFolders } from "../testing/images.node.ts";
import { corners, openSmall, plainPng } from "../testing/open.node.ts";
import { isNoLabel } from "./labels/no-label.ts";

const newFolder = temporaryFolders();
const keep = { unlabeled: "keep", split: "all" } as const;

/** Labels by name of the class, in the order of the store; null for none. */
async function labelsOf(tree: Tree, more: Partial<Parameters<typeof openSmall>[2]> = {}) {
  const store = await openSmall(await writeForm(tree, "folder", newFolder()), newFolder(), {
    ...keep,
    ...more,
  });
  const { labels, classNames, summary } = store;
  const named = labels && Array.from(labels, (l) => (l === NO_LABEL ? null : classNames![l]));
  return { labels: named, classNames, notes: summary.notes, noClasses: summary.noClasses };
}

const four = async (): Promise<Tree> =>
  Object.fromEntries(await Promise.all([..."abcd"].map(async (n, i) => [`${n}.png`, await plainPng(i)])));

it.each([
  ["", true],
  [" ", true],
  ["-1", true],
  [-1, true],
  [null, true],
  [undefined, true],
  ["unlabelled", true],
  ["Unlabeled", true],
  [0, false],
  ["0", false],
  ["none of these", false],
  [false, false],
])("%j in the place of a label: none is %s", (value, none) => {
  expect(isNoLabel(value)).toBe(none);
});

describe.each(FORMS)("in a %s", (form) => {
  it("rows without a label, and images that no row names, are kept without one", async () => {
    const tree = { ...(await four()), "metadata.csv": "file_name,label\na.png,cat\nb.png,\nd.png,dog\n" };
    const source = await writeForm(tree, form, newFolder());
    const store = await openSmall(source, newFolder(), keep);
    expect([store.classNames, [...store.labels!]]).toEqual([
      ["cat", "dog"],
      [0, NO_LABEL, NO_LABEL, 1],
    ]);
    expect(corners(store)).toEqual([0, 1, 2, 3].map((i) => [...plainColor(i)]));
    expect(store.summary.notes).toContain("2 of 4 images have a label.");
    expect(store.summary.skipped).toEqual([]);
    // Unasked, nothing has changed.
    expect(await tell(source, "all")).toMatchObject({
      classNames: undefined,
      noClasses: "metadata.csv has no label in 1 of 3 rows (the first in line 3)",
    });
  });
});

describe("what says that there is no label", () => {
  it.each([
    ["words, an empty cell", "metadata.csv", "file_name,label\na.png,x\nb.png,\nc.png,y\nd.png,unlabeled\n"],
    ["numbers, -1", "metadata.csv", "file_name,label\na.png,0\nb.png,-1\nc.png,1\nd.png,-1\n"],
    [
      "null, a column that is missing",
      "metadata.jsonl",
      '{"file_name":"a.png","label":"x"}\n{"file_name":"b.png","label":null}\n{"file_name":"c.png","label":"y"}\n{"file_name":"d.png"}\n',
    ],
  ])("%s", async (_, name, table) => {
    const { labels, classNames } = await labelsOf({ ...(await four()), [name]: table });
    expect(labels).toEqual([classNames![0], null, classNames![1], null]);
  });

  it("an image with a label in one row and none in another has that label", async () => {
    const table = "file_name,label\na.png,\na.png,x\nb.png,y\n";
    expect((await labelsOf({ ...(await four()), "metadata.csv": table })).labels).toEqual([
      ...["x", "y", null, null],
    ]);
  });

  it("a table without any label gives none, and says so", async () => {
    const { labels, notes } = await labelsOf({
      ...(await four()),
      "metadata.csv": "file_name,label\na.png,-1\nb.png,\n",
    });
    expect(labels).toBeUndefined();
    expect(notes.join()).toContain("metadata.csv has no label in any row");
  });
});

describe("class folders", () => {
  it("any number of images beside them, and a folder called unlabeled, have no label", async () => {
    const png = await plainPng(1);
    const tree: Tree = {
      "cat/1.png": png,
      "dog/1.png": png,
      "Unlabeled/1.png": png,
      "Unlabeled/more/2.png": png,
      "x.png": png,
      "y.png": png,
    };
    const { labels, classNames, notes } = await labelsOf(tree);
    expect(classNames).toEqual(["cat", "dog"]);
    expect([...labels!].sort()).toEqual(["cat", "dog", null, null, null, null].sort());
    expect(notes).toContain("2 of 6 images have a label.");
  });

  it("a folder that is not called so stays a class; one class alone is none", async () => {
    const png = await plainPng(1);
    expect((await labelsOf({ "a/1.png": png, "rest/1.png": png })).classNames).toEqual(["a", "rest"]);
    expect((await labelsOf({ "a/1.png": png, "unlabeled/1.png": png })).classNames).toBeUndefined();
  });

  it("classes have the same numbers in both parts, though one of them has no label", async () => {
    const png = await plainPng(1);
    const tree: Tree = {
      "train/cat/1.png": png,
      "train/unlabeled/1.png": png,
      "test/dog/1.png": png,
      "test/cat/2.png": png,
    };
    expect(await labelsOf(tree, { split: "train" })).toMatchObject({
      classNames: ["cat", "dog"],
      labels: ["cat", null],
    });
    expect(await labelsOf(tree, { split: "test" })).toMatchObject({ labels: ["cat", "dog"] });
  });
});

it("data with all labels is the same data, kept or not", async () => {
  const source = await writeForm(
    { ...(await four()), "metadata.csv": "file_name,label\na.png,x\nb.png,y\nc.png,x\nd.png,y\n" },
    "folder",
    newFolder(),
  );
  const cache = newFolder();
  const [plain, kept] = [
    await openSmall(source, cache, { split: "all" }),
    await openSmall(source, cache, keep),
  ];
  expect([kept.hash, [...kept.labels!]]).toEqual([plain.hash, [...plain.labels!]]);
});

it("packed, the labels are as before, and a changed label is other data", async () => {
  const folder = newFolder();
  const cache = newFolder();
  for (const [name, bytes] of Object.entries(await four())) await put(join(folder, name), bytes);
  const table = (b: string): Promise<unknown> =>
    put(join(folder, "metadata.csv"), Buffer.from(`file_name,label\na.png,x\nb.png,${b}\nc.png,y\n`));
  await table("");
  const first = await openSmall(folder, cache, keep);
  const again = await openSmall(folder, cache, keep);
  expect([again.summary.fromCache, again.hash, [...again.labels!]]).toEqual([
    ...[true, first.hash, [...first.labels!]],
  ]);
  await table("y");
  const changed = await openSmall(folder, cache, keep);
  expect([...changed.labels!]).toEqual([0, 1, 1, NO_LABEL]);
  expect(changed.hash).not.toBe(first.hash);
});

it("an inspection counts those with a label", async () => {
  const source = await writeForm(
    { ...(await four()), "metadata.csv": "file_name,label\na.png,x\nb.png,y\nc.png,y\n" },
    "folder",
    newFolder(),
  );
  const { findings } = await inspectData({ source, resolution: 16, ...keep });
  expect(findings.find(({ name }) => name === "classes")).toMatchObject({
    lines: ["2: y 2, x 1", "3 of 4 images have a label"],
    data: [
      { name: "x", count: 1 },
      { name: "y", count: 2 },
    ],
  });
});
