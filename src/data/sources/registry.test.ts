import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { put, temporaryFolders, writeCifar10 } from "../testing/images.node.ts";
import { resolveSource, SOURCES } from "./registry.node.ts";

const newFolder = temporaryFolders();

function resolved(source: string | null): string {
  const { definition, location } = resolveSource(source);
  return `${definition.name}|${location}`;
}

it("reads sources as people write them", () => {
  expect(resolved(null)).toBe("emoji|");
  expect(resolved("emoji")).toBe("emoji|");
  expect(resolved("cifar10:/data/c10")).toBe("cifar10|/data/c10");
  expect(resolved("./pictures")).toBe("folder|./pictures");
  expect(resolved("C:\\pictures")).toBe("folder|C:\\pictures");
  expect(resolved("cifar10")).toBe("cifar10|");
});

it.skipIf(process.platform === "win32")("a folder that exists wins over an unknown prefix", () => {
  const path = join(newFolder(), "holidays:2024");
  mkdirSync(path);
  expect(resolved(path)).toBe(`folder|${path}`);
});

it("knows archives by their names, and folders and files of known data sets by what is in them", async () => {
  const root = newFolder();
  for (const name of ["a.zip", "b.TAR", "c.tar.gz", "d.tgz", "e.parquet", "f.7z"])
    await put(join(root, name), "x");
  for (const [name, kind] of [
    ["a.zip", "archive"],
    ["b.TAR", "archive"],
    ["c.tar.gz", "archive"],
    ["d.tgz", "archive"],
    ["e.parquet", "parquet"],
    ["f.7z", "folder"],
    ["missing.zip", "folder"],
  ] as const)
    expect(resolved(join(root, name))).toBe(`${kind}|${join(root, name)}`);
  await writeCifar10(join(root, "c10"), 1);
  // Without the names of the classes it could be anything.
  expect(resolved(join(root, "c10"))).toBe(`folder|${join(root, "c10")}`);
  await put(join(root, "c10/batches.meta.txt"), "x");
  await put(join(root, "stl/stl10_binary/test_X.bin"), "x");
  await put(join(root, "imagenet/train/n01440764/a.jpg"), "x");
  await put(join(root, "lsun/data.mdb"), "x");
  for (const [name, kind] of [
    ["c10", "cifar10"],
    ["stl", "stl10"],
    ["lsun", "lmdb"],
    ["imagenet", "folder"],
  ] as const)
    expect(resolved(join(root, name))).toBe(`${kind}|${join(root, name)}`);
});

it("suggests what was meant", () => {
  const error = (source: string): UserError => {
    try {
      resolveSource(source);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(UserError);
      return thrown as UserError;
    }
    throw new Error(`${source} was accepted`);
  };
  expect(error("cifar:/x").message).toMatch(/Unknown data source "cifar"/);
  expect(error("mnits:/x").hint).toMatch(/Did you mean "mnist"\?/);
  expect(error("cifar:/x").hint).toMatch(/Did you mean "cifar10"\?/);
  expect(error("zebra:/x").hint).toMatch(/Known: emoji, cifar10/);
  expect(error("emojis").hint).toMatch(/"emoji"/);
  expect(error("emoji:/x").message).toMatch(/takes no path/);
  expect(error(" ").message).toMatch(/empty/);
});

it("names every source once", () => {
  const names = SOURCES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
