/**
 * Folders that must not hang a command: nothing readable in them, pipes, devices, links in circles,
 * names that are not text.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { listInProcess } from "../reader/list-in-process.node.ts";
import { tarOf } from "../testing/archives.node.ts";
import { picture, put, temporaryFolders } from "../testing/images.node.ts";
import { openSmall } from "../testing/open.node.ts";
import { folder } from "./folder.node.ts";
import { resolveSource } from "./registry.node.ts";
import type { Listing } from "./source.ts";
import { commonFolder } from "./tree.ts";

const newFolder = temporaryFolders();
const png = (): Promise<Buffer> =>
  picture(9, 9, () => [1, 2, 3])
    .png()
    .toBuffer();
const list = (location: string): Promise<Listing> => folder.list({ location, split: "all" });

it("no paths have no folder around them", () => {
  expect(commonFolder([])).toBe("");
});

it("a folder with nothing but files that cannot be read is listed, and says why", async () => {
  const root = newFolder();
  await put(join(root, "a.heic"), "x");
  await put(join(root, "sub/b.psd"), "x");
  expect((await list(root)).skipped.map(({ path }) => path)).toEqual(["a.heic", "sub/b.psd"]);
  await expect(openSmall(root, newFolder())).rejects.toThrow(
    /no usable image \(2 found, 2 skipped: \.heic files cannot be read/,
  );
});

describe.skipIf(process.platform === "win32")("devices, pipes and links", () => {
  const pipe = (path: string): void => {
    expect(spawnSync("mkfifo", [path]).status).toBe(0);
  };

  it("called like images are skipped with the reason", async () => {
    const root = newFolder();
    await put(join(root, "real.png"), await png());
    symlinkSync("/dev/zero", join(root, "zero.png"));
    symlinkSync("nowhere", join(root, "broken.jpg"));
    pipe(join(root, "pipe.webp"));
    pipe(join(root, "notes.txt"));
    const { paths, skipped } = await list(root);
    expect(paths).toEqual(["real.png"]);
    expect(skipped).toEqual([
      { path: "broken.jpg", reason: expect.stringMatching(/link that leads nowhere/) },
      { path: "pipe.webp", reason: "not a file but a device, a pipe or a socket" },
      { path: "zero.png", reason: "not a file but a device, a pipe or a socket" },
    ]);
  });

  it.each([
    ["data.mdb", "lmdb:"],
    ["train-images-idx3-ubyte", "mnist:"],
    ["data_batch_1.bin", "cifar10:"],
    ["data_batch_1", "cifar10:"],
    ["train_X.bin", "stl10:"],
  ])("in the place of %s end in an error", async (name, prefix) => {
    for (const make of [pipe, (path: string) => symlinkSync("/dev/zero", path)]) {
      const root = newFolder();
      await put(join(root, "a.png"), await png());
      await put(join(root, "train-labels-idx1-ubyte"), "x");
      make(join(root, name));
      const { definition, location } = resolveSource(`${prefix}${root}`);
      const listing = definition.list({ location, split: "train" });
      await expect(listing).rejects.toThrow(/not a file but a device/);
      await expect(listing).rejects.toBeInstanceOf(UserError);
    }
  });

  it.each(["metadata.csv", "metadata.jsonl"])(
    "in the place of %s give no labels, and say why",
    async (name) => {
      for (const make of [pipe, (path: string) => symlinkSync("/dev/zero", path)])
        for (const inside of ["", "set/", "train/"]) {
          const root = newFolder();
          await put(join(root, `${inside}a.png`), await png());
          await put(join(root, `${inside}sub/b.png`), await png());
          if (inside === "train/") await put(join(root, "test/c.png"), await png());
          make(join(root, `${inside}${name}`));
          const { definition, location } = resolveSource(root);
          const listing = await listInProcess(definition, { location, split: "train" });
          await listing.close();
          const { paths, classNames, noClasses, notes } = listing;
          expect([paths.length, classNames]).toEqual([2, undefined]);
          expect(noClasses).toBe(
            `${inside}${name} cannot be read (it is not a file but a device, a pipe or a socket)`,
          );
          expect(notes).toContain(`No labels are used: ${noClasses}.`);
        }
    },
  );

  it("in an archive are told as on the disk", async () => {
    const location = join(newFolder(), "set.tar");
    const odd = (path: string, type: string) => ({ name: path, bytes: Buffer.alloc(0), type });
    const entries = [odd("a.png", "6"), odd("b.webp", "3"), odd("notes.txt", "6"), odd("metadata.csv", "6")];
    await put(location, tarOf([...entries, { name: "real.png", bytes: await png() }]));
    const { definition } = resolveSource(location);
    const listing = await definition.list({ location, split: "all" });
    expect(listing.paths).toEqual(["real.png"]);
    expect(listing.skipped).toEqual(
      ["a.png", "b.webp"].map((path) => ({ path, reason: "not a file but a device, a pipe or a socket" })),
    );
    expect(listing.noClasses).toMatch(/^metadata\.csv cannot be read \(not a file but a device/);
    const square = { size: 9, preprocessing: "centre-crop", resize: "lanczos3" } as const;
    expect((await listing.load(0, square)).width).toBe(9);
    await listing.close();
  });

  it.each(["x.zip", "x.tar", "x.tar.gz", "x.parquet"])("in the place of %s end in an error", async (name) => {
    for (const make of [pipe, (path: string) => symlinkSync("/dev/zero", path)]) {
      const path = join(newFolder(), name);
      make(path);
      const { definition, location } = resolveSource(path);
      await expect(definition.list({ location, split: "train" })).rejects.toThrow(/not a file but a device/);
    }
  });

  it("circles of links are walked once, also when Parquet files are looked for", async () => {
    const root = newFolder();
    for (const one of ["a", "b"]) {
      mkdirSync(join(root, one));
      for (const other of ["x", "y", "z"]) symlinkSync("..", join(root, one, other));
    }
    await put(join(root, "a/i.png"), await png());
    expect((await list(root)).paths).toEqual(["a/i.png"]);
    const { definition, location } = resolveSource(`parquet:${root}`);
    await expect(definition.list({ location, split: "train" })).rejects.toThrow(
      /There are no \.parquet files/,
    );
  });
});

it("a folder that is called like an archive is a folder", async () => {
  const path = join(newFolder(), "holiday.zip");
  await put(join(path, "a.png"), await png());
  const { definition, location } = resolveSource(path);
  expect(definition.name).toBe("folder");
  expect((await definition.list({ location, split: "all" })).paths).toEqual(["a.png"]);
});

it("passes over what systems keep for themselves", async () => {
  const root = newFolder();
  const places = ["$RECYCLE.BIN/S-1-5", "$Recycle.Bin", "System Volume Information", ".Trash-1000/files"];
  places.push(".Trashes", "lost+found", "FOUND.000", "@eaDir", "#recycle", ".thumbnails", "a/@eaDir/b.png");
  for (const place of places) await put(join(root, place, "deleted.png"), await png());
  for (const name of ["Thumbs.db", "a/desktop.ini", "recycled/bottle.png", "a/kept.png"])
    await put(join(root, name), await png());
  const { paths, skipped, classNames } = await list(root);
  expect(paths).toEqual(["a/kept.png", "recycled/bottle.png"]);
  expect(skipped).toEqual([]);
  expect(classNames).toEqual(["a", "recycled"]);
});

describe.runIf(process.platform === "linux")("names that are not UTF-8", () => {
  const square = { size: 9, preprocessing: "centre-crop", resize: "lanczos3" } as const;

  it("are those of folders around everything, of parts, and of the folders that tables lie in", async () => {
    const raw = (...words: string[]): Buffer => Buffer.from(words.join("/"), "latin1");
    const bytes = await png();
    for (const around of ["", "f\xeates/"]) {
      const root = newFolder();
      for (const part of ["\xe9t\xe9_train", "\xe9t\xe9_test"]) {
        mkdirSync(raw(root, `${around}${part}`), { recursive: true });
        for (const name of ["a.png", "b.png"]) writeFileSync(raw(root, `${around}${part}`, name), bytes);
        writeFileSync(
          raw(root, `${around}${part}`, "metadata.csv"),
          `file_name,label\na.png,${part === "\xe9t\xe9_train" ? "x" : "z"}\nb.png,y\n`,
        );
      }
      for (const split of ["train", "test", "all"] as const) {
        const { definition, location } = resolveSource(root);
        const listing = await listInProcess(definition, { location, split });
        expect(listing.paths).toHaveLength(split === "all" ? 4 : 2);
        expect(listing.classNames).toEqual(["x", "y", "z"]);
        for (const place of listing.paths.keys()) expect((await listing.load(place, square)).width).toBe(9);
        if (split !== "all") expect(listing.notes.join()).toContain(`this is "\\xE9t\\xE9_${split}"`);
        await listing.close();
      }
    }
  });

  it("are read, and shown with their bytes written out", async () => {
    const root = newFolder();
    const raw = (name: string): Buffer =>
      Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, "latin1")]);
    mkdirSync(raw("m\xfcnchen"));
    mkdirSync(join(root, "köln"));
    const bytes = await png();
    writeFileSync(raw("m\xfcnchen/caf\xe9.png"), bytes);
    writeFileSync(raw("m\xfcnchen/tea.png"), bytes);
    writeFileSync(join(root, "köln/água.png"), bytes);
    const listing = await list(root);
    expect(listing.paths).toEqual(["köln/água.png", "m\\xFCnchen/caf\\xE9.png", "m\\xFCnchen/tea.png"]);
    expect(listing.classNames).toEqual(["köln", "m\\xFCnchen"]);
    expect(listing.skipped).toEqual([]);
    for (const place of [0, 1, 2]) expect((await listing.load(place, square)).width).toBe(9);
  });
});
