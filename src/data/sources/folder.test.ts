import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { picture, put, temporaryFolders, writePictures } from "../testing/images.node.ts";
import { folder } from "./folder.node.ts";
import type { Listing } from "./source.ts";

const newFolder = temporaryFolders();
const png = (): Promise<Buffer> =>
  picture(9, 9, () => [1, 2, 3])
    .png()
    .toBuffer();
const list = (location: string, split: "train" | "test" | "all" = "train"): Promise<Listing> =>
  folder.list({ location, split });

async function failure(location: string, split?: "test"): Promise<UserError> {
  const error: unknown = await list(location, split).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

describe("finding images", () => {
  it("looks into subfolders, at any case of any known ending, and sorts by path", async () => {
    const root = newFolder();
    for (const name of ["b.PNG", "a/z.Jpeg", "a/b/c.webp", "d.txt", "noending"])
      await put(join(root, name), await png());
    const { paths, skipped, classNames } = await list(root);
    expect(paths).toEqual(["a/b/c.webp", "a/z.Jpeg", "b.PNG"]);
    expect(skipped).toEqual([]);
    expect(classNames).toBeUndefined();
  });

  it("passes over hidden files, system folders and the folders of training runs", async () => {
    const root = newFolder();
    const hidden = [".a.png", ".git/b.png", "__MACOSX/c.png", "runs/first/samples/0000001.png"];
    for (const name of ["real.png", ...hidden]) await put(join(root, name), await png());
    await put(join(root, "runs/first/config.json"), "{}");
    await put(join(root, "runs/first/metrics.jsonl"), "");
    const { paths, notes } = await list(root);
    expect(paths).toEqual(["real.png"]);
    expect(notes.join()).toContain("runs/first");
  });

  it.skipIf(process.platform === "win32")(
    "follows links, but not in circles, and reports broken ones",
    async () => {
      const [root, elsewhere] = [newFolder(), newFolder()];
      await put(join(root, "a/one.png"), await png());
      await put(join(elsewhere, "two.png"), await png());
      symlinkSync(elsewhere, join(root, "b"));
      symlinkSync(root, join(root, "a/round"));
      symlinkSync(join(elsewhere, "two.png"), join(root, "three.png"));
      symlinkSync(join(root, "nowhere"), join(root, "broken.png"));
      symlinkSync(join(root, "loop.png"), join(root, "loop.png"));
      const { paths, skipped } = await list(root);
      expect(paths).toEqual(["a/one.png", "b/two.png", "three.png"]);
      expect(skipped.map(({ path }) => path)).toEqual(["broken.png", "loop.png"]);
    },
  );

  it("reports images in formats it cannot read rather than hiding them", async () => {
    const root = newFolder();
    await put(join(root, "a.png"), await png());
    await put(join(root, "phone.HEIC"), "x");
    expect((await list(root)).skipped).toEqual([
      { path: "phone.HEIC", reason: ".heic files cannot be read: convert them to JPEG, PNG or WebP" },
    ]);
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === "win32")(
    "reports locked subfolders",
    async () => {
      const root = newFolder();
      await put(join(root, "a.png"), await png());
      mkdirSync(join(root, "locked"), { mode: 0 });
      expect((await list(root)).skipped).toEqual([{ path: "locked", reason: "no permission to read it" }]);
      chmodSync(root, 0);
      expect((await failure(root)).message).toMatch(/cannot be read/);
      chmodSync(root, 0o700);
    },
  );
});

describe("splits and classes", () => {
  it("uses train and test subfolders, and classes inside them", async () => {
    const root = newFolder();
    for (const part of ["train", "test"])
      for (const name of ["cat", "dog"])
        await writePictures(join(root, part, name), part === "train" ? 3 : 2);
    const train = await list(root);
    expect(train.paths).toHaveLength(6);
    expect(train.classNames).toEqual(["cat", "dog"]);
    expect(train.paths.map((_, i) => train.label(i))).toEqual([0, 0, 0, 1, 1, 1]);
    expect((await list(root, "test")).paths).toHaveLength(4);
    const all = await list(root, "all");
    expect([all.paths.length, all.classNames]).toEqual([10, ["cat", "dog"]]);
    expect(train.notes).toEqual(['Split by folders: this is "train" of "train" and "test".']);
  });

  it("numbers classes the same in both parts, though one part lacks some", async () => {
    const root = newFolder();
    for (const name of ["train/ant/1.png", "train/bee/1.png", "test/bee/1.png", "test/cat/1.png"])
      await put(join(root, name), await png());
    for (const split of ["train", "test"] as const) {
      const { classNames, label, paths } = await list(root, split);
      expect(classNames).toEqual(["ant", "bee", "cat"]);
      expect(label(paths.indexOf("bee/1.png"))).toBe(1);
    }
  });

  it("takes val or validation for testing where there is no test", async () => {
    const root = newFolder();
    for (const name of ["train/a/1.png", "validation/a/1.png", "validation/a/2.png"])
      await put(join(root, name), await png());
    expect((await list(root, "test")).paths).toEqual(["a/1.png", "a/2.png"]);
  });

  it("takes no classes from one subfolder only, or from a mixture", async () => {
    const root = newFolder();
    await put(join(root, "a/1.png"), await png());
    expect((await list(root)).classNames).toBeUndefined();
    await put(join(root, "b/1.png"), await png());
    expect((await list(root)).classNames).toEqual(["a", "b"]);
    await put(join(root, "1.png"), await png());
    expect((await list(root)).classNames).toBeUndefined();
  });

  it("passes over a folder around everything, and says so where that means classes or parts", async () => {
    const root = newFolder();
    for (const name of ["big", "small"]) await put(join(root, "photos", name, "1.png"), await png());
    const told = "All images are in photos; the folders inside it are taken for parts or classes.";
    const listing = await list(root);
    expect(listing.classNames).toEqual(["big", "small"]);
    expect(listing.notes).toContain(told);
    // Where they lie, from the folder that was given.
    expect(listing.paths).toEqual(["photos/big/1.png", "photos/small/1.png"]);
    expect((await list(join(root, "photos"))).notes).not.toContain(told);

    const deep = newFolder();
    for (const part of ["train", "test"]) await put(join(deep, "a/b", part, "1.png"), await png());
    expect((await list(deep, "test")).notes[0]).toContain('this is "test" of "train" and "test"');
    const plain = newFolder();
    await put(join(plain, "a/1.png"), await png());
    expect((await list(plain)).notes.join()).not.toContain("All images are in");
  });

  it("without a test subfolder, says there are no test images", async () => {
    const root = newFolder();
    await put(join(root, "1.png"), await png());
    expect((await failure(root, "test")).message).toMatch(/has no test images/);
  });
});

describe("labels from a table", () => {
  it("beside the images, and in both parts of a divided folder", async () => {
    const root = newFolder();
    for (const name of ["train/1.png", "train/2.png", "test/1.png"]) await put(join(root, name), await png());
    await put(join(root, "train/metadata.csv"), "file_name,label\n1.png,pear\n2.png,fig\n");
    await put(join(root, "test/metadata.jsonl"), '{"file_name": "1.png", "label": "fig"}\n');
    const labels = ({ paths, classNames, label }: Listing): (string | undefined)[] =>
      paths.map((_, i) => classNames?.[label(i)]);
    expect(labels(await list(root))).toEqual(["pear", "fig"]);
    const test = await list(root, "test");
    expect([labels(test), test.classNames]).toEqual([["fig"], ["fig", "pear"]]);
    const all = await list(root, "all");
    expect([all.paths, labels(all)]).toEqual([
      ["test/1.png", "train/1.png", "train/2.png"],
      ["fig", "pear", "fig"],
    ]);
    expect(all.notes).toContain("Labels are from test/metadata.jsonl, train/metadata.csv.");
  });

  it("without a column of labels, the folders are the classes, and it is said", async () => {
    const root = newFolder();
    for (const name of ["a/1.png", "b/1.png"]) await put(join(root, name), await png());
    await put(join(root, "metadata.csv"), "file_name,text\na/1.png,hello\n");
    const { classNames, notes } = await list(root);
    expect(classNames).toEqual(["a", "b"]);
    expect(notes).toContain('metadata.csv has no column "label" and is not used.');
  });

  it("a change of labels makes a new packed file", async () => {
    const root = newFolder();
    for (const name of ["1.png", "2.png"]) await put(join(root, name), await png());
    await put(join(root, "metadata.csv"), "file_name,label\n1.png,a\n2.png,b\n");
    const first = await list(root);
    await put(join(root, "metadata.csv"), "file_name,label\n1.png,b\n2.png,a\n");
    expect((await list(root)).identity).not.toEqual(first.identity);
  });
});

describe("what is no folder of images", () => {
  it("missing, a file, an archive, empty, without images", async () => {
    const root = newFolder();
    expect((await failure(join(root, "missing"))).message).toMatch(/There is no folder .*missing/);
    await put(join(root, "one.png"), await png());
    expect((await failure(join(root, "one.png"))).message).toMatch(/is a file, not a folder/);
    expect((await failure(join(root, "one.png", "below"))).message).toMatch(/There is no folder/);
    await put(join(root, "pictures.7z"), "PK");
    expect((await failure(join(root, "pictures.7z"))).hint).toMatch(/Unpack/);
    expect((await failure(newFolder())).message).toMatch(/is empty/);
    const run = newFolder();
    for (const name of ["config.json", "metrics.jsonl"]) await put(join(run, name), "{}");
    await put(join(run, "samples/0000100.png"), await png());
    expect((await failure(run)).message).toMatch(/training run: .* grids of samples, not images/);
    const papers = newFolder();
    await put(join(papers, "a.txt"), "x");
    await put(join(papers, "b/c.csv"), "x");
    expect((await failure(papers)).message).toMatch(/no images in it, only other files \(\.csv, \.txt\)/);
  });
});
