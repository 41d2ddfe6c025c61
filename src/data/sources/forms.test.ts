import { describe, expect, it } from "vitest";
import { FORMS, type Tree, tell, writeForm } from "../testing/forms.node.ts";
import { temporaryFolders } from "../testing/images.node.ts";
import { plainPng } from "../testing/open.node.ts";

const newFolder = temporaryFolders();

/** Pictures by name, their number given for each folder. */
async function pictures(folders: Readonly<Record<string, number>>): Promise<Tree> {
  const png = await plainPng(1);
  return Object.fromEntries(
    Object.entries(folders).flatMap(([folder, count]) =>
      Array.from({ length: count }, (_, i) => [`${folder}${String(i).padStart(3, "0")}.png`, png]),
    ),
  );
}

const csv = (...rows: string[]): string => ["file_name,label", ...rows, ""].join("\n");

describe.each(FORMS)("as a %s", (form) => {
  const told = async (tree: Tree, split?: "test" | "all"): ReturnType<typeof tell> =>
    tell(await writeForm(tree, form, newFolder()), split);

  it("parts are found by the words of data sets, in any case", async () => {
    const tree = await pictures({
      "Training/cat/": 2,
      "Training/dog/": 3,
      "Testing/cat/": 1,
      "Testing/dog/": 1,
    });
    expect(await told(tree)).toMatchObject({
      classNames: ["cat", "dog"],
      notes: ['Split by folders: this is "Training" of "Training" and "Testing".'],
    });
    expect(Object.keys((await told(tree)).images)).toHaveLength(5);
    expect(await told(tree, "test")).toMatchObject({
      images: { "cat/000.png": "cat", "dog/000.png": "dog" },
    });
    const all = await told(tree, "all");
    expect(all.classNames).toEqual(["cat", "dog"]);
    expect(Object.keys(all.images)).toHaveLength(7);
  });

  it("an empty test part beside a full valid one is none, and what is in neither part is told", async () => {
    const yolo = { ...(await pictures({ "train/images/": 3, "valid/images/": 2 })), "test/images/.keep": "" };
    expect((await told(yolo)).notes).toEqual(['Split by folders: this is "train" of "train" and "valid".']);
    expect(Object.keys((await told(yolo, "test")).images)).toEqual(["images/000.png", "images/001.png"]);
    const three = await pictures({ "train/": 3, "test/": 1, "val/": 1 });
    expect((await told(three)).notes[1]).toBe(
      'Images in "val" are in neither part; the split "all" has them.',
    );
    const third = await pictures({ "train/a/": 3, "train/b/": 1, "test/a/": 1, "val/b/": 1 });
    expect((await told(third, "all")).classNames).toEqual(["a", "b"]);
  });

  it("classes that are called like parts are warned of", async () => {
    const tree = await pictures({ "trainA/": 2, "testA/": 2, "trainB/": 2, "testB/": 2 });
    const { classNames, warnings } = await told(tree);
    expect(classNames).toEqual(["testA", "testB", "trainA", "trainB"]);
    expect(warnings.join()).toMatch(
      /^The folders testA, testB, trainA, 1 more are taken for classes, and their names/,
    );
    expect((await told(await pictures({ "train/": 2, "bus/": 2 }))).warnings).toEqual([]);
  });

  it("a picture beside the class folders is left out and named, many cancel the classes and are named", async () => {
    const one = {
      ...(await pictures({ "set/cat/": 40, "set/dog/": 40 })),
      "set/cover.png": await plainPng(2),
    };
    expect(await told(one)).toMatchObject({
      classNames: ["cat", "dog"],
      skipped: ["set/cover.png: beside the class folders and in none of them, so it has no label"],
    });
    expect((await told(one)).notes.join("\n")).toContain("not in them: set/cover.png.");
    const many = await pictures({ "cat/": 10, "dog/": 10, "": 10 });
    expect(await told(many)).toMatchObject({ classNames: undefined, skipped: [] });
    expect((await told(many)).noClasses).toBe(
      "10 images of 30 are in no class folder (000.png, 001.png, 002.png, 7 more)",
    );
  });

  it("a table beside the images of the only part counts, and tables in folders", async () => {
    const hub = {
      ...(await pictures({ "train/": 3 })),
      "README.md": "# A set",
      "train/metadata.jsonl": ["cat", "dog", "cat"]
        .map((label, i) => JSON.stringify({ file_name: `00${i}.png`, label }))
        .join("\n"),
    };
    expect((await told(hub)).images).toEqual({
      "train/000.png": "cat",
      "train/001.png": "dog",
      "train/002.png": "cat",
    });
    const nested = {
      ...(await pictures({ "a/": 1, "b/deep/": 1 })),
      "a/metadata.csv": csv("000.png,x"),
      "b/metadata.csv": csv("deep/000.png,y"),
    };
    expect(await told(nested)).toMatchObject({
      images: { "a/000.png": "x", "b/deep/000.png": "y" },
      notes: [expect.anything(), "Labels are from a/metadata.csv, b/metadata.csv."],
    });
  });

  it("one table above both parts gives the labels of both", async () => {
    const tree = {
      ...(await pictures({ "train/": 2, "test/": 1 })),
      "metadata.csv": csv("train/000.png,a", "train/001.png,b", "test/000.png,c"),
    };
    expect(await told(tree)).toMatchObject({
      images: { "000.png": "a", "001.png": "b" },
      classNames: ["a", "b", "c"],
    });
    expect((await told(tree, "test")).images).toEqual({ "000.png": "c" });
  });

  it("hard links and symbolic links read what they name, in either direction", async () => {
    const tree = {
      ...(await pictures({ "all/": 3 })),
      "subset/a.png": "=> all/000.png",
      "subset/b.png": "-> ../all/001.png",
      // To a link, through a link to a folder, and to what comes later.
      "subset/c.png": "-> b.png",
      "subset/d.png": "-> ../zoo/later.png",
      "zoo/later.png": await plainPng(3),
    };
    const { images, classNames, skipped } = await told(tree);
    expect(Object.values(images)).toEqual(
      [..."aaassssz"].map((_, i) => ["all", "subset", "zoo"][i < 3 ? 0 : i < 7 ? 1 : 2]),
    );
    expect(Object.keys(images)).toContain("subset/d.png");
    expect([classNames, skipped]).toEqual([["all", "subset", "zoo"], []]);
  });

  it("links to folders are followed once, tables among what they lead to", async () => {
    const tree = {
      ...(await pictures({ ".store/x/": 2, ".store/y/": 1 })),
      ".store/x/metadata.csv": csv("000.png,p", "001.png,q"),
      first: "-> .store/x",
      second: "-> first/../y",
      third: "-> .store/x",
      metadata: "-> first/metadata.csv",
    };
    const found = await told(tree);
    expect(Object.keys(found.images)).toEqual(["first/000.png", "first/001.png"]);
    expect(found.skipped).toEqual(["second/000.png: not in first/metadata.csv, so it has no label"]);
  });

  it("links in circles and to nothing are listed with the reason", async () => {
    const tree = {
      ...(await pictures({ "": 2 })),
      "gone.png": "-> nowhere.png",
      "loop.png": "-> pool.png",
      "pool.png": "-> loop.png",
      "self.png": "-> self.png",
      "through.png": "-> 000.png/000.png",
      round: "-> .",
    };
    const { images, skipped } = await told(tree);
    expect(Object.keys(images)).toEqual(["000.png", "001.png"]);
    expect(skipped.filter((line) => !line.startsWith("through.png"))).toEqual([
      "gone.png: a link that leads nowhere, or a file that vanished",
      "loop.png: a link that leads in a circle",
      "pool.png: a link that leads in a circle",
      "self.png: a link that leads in a circle",
    ]);
    expect(skipped.filter((line) => line.startsWith("through.png"))).toHaveLength(1);
  });

  it("runs inside are left out", async () => {
    const tree = {
      ...(await pictures({ "mine/": 2, "runs/one/samples/": 1 })),
      "runs/one/config.json": "{}",
      "runs/one/metrics.jsonl": "",
    };
    expect(Object.keys((await told(tree)).images)).toEqual(["mine/000.png", "mine/001.png"]);
    expect((await told(tree)).notes).toContain("Left out folders of training runs: runs/one.");
  });

  it("names that JavaScript's objects have are names", async () => {
    const odd = await pictures({ "__proto__/": 1, "constructor/": 2, "toString/": 1 });
    expect((await told(odd)).classNames).toEqual(["__proto__", "constructor", "toString"]);
    const tree = {
      ...(await pictures({ "": 2 })),
      "metadata.csv": "file_name,__proto__,label\n000.png,a,__proto__\n001.png,b,hasOwnProperty\n",
    };
    expect((await told(tree)).classNames).toEqual(["__proto__", "hasOwnProperty"]);
  });
});

describe("what only an archive can have", () => {
  it.each(["zip", "tar"] as const)(
    "links out of the %s are listed, and nothing outside is read",
    async (form) => {
      const tree = {
        ...(await pictures({ "": 1 })),
        "passwords.png": "-> /etc/passwd",
        "above.png": "-> ../../above.png",
        "drive.png": "-> C:\\secret.png",
        "deep/folder": "-> ../..",
      };
      expect(await tell(await writeForm(tree, form, newFolder()))).toMatchObject({
        images: { "000.png": "" },
        skipped: ["above.png", "deep/folder", "drive.png", "passwords.png"].map(
          (name) => `${name}: a link that leads out of the archive`,
        ),
      });
    },
  );

  it("hard links to what comes later, to one another, to nothing and out of it", async () => {
    const tree = {
      "early.png": "=> late.png",
      "a.png": "=> b.png",
      "b.png": "=> a.png",
      "none.png": "=> missing.png",
      "out.png": "=> ../x.png",
      "late.png": await plainPng(1),
    };
    const { images, skipped } = await tell(await writeForm(tree, "tar", newFolder()));
    expect(Object.keys(images)).toEqual(["early.png", "late.png"]);
    expect(skipped).toEqual([
      "a.png: a link that leads nowhere, or a file that vanished",
      "b.png: a link that leads nowhere, or a file that vanished",
      "none.png: a link that leads nowhere, or a file that vanished",
      "out.png: a link that leads out of the archive",
    ]);
  });
});
