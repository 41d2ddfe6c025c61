import { chmodSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { put, temporaryFolders } from "../testing/images.node.ts";
import { corners, openSmall, userError } from "../testing/open.node.ts";
import { lmdb } from "./lmdb.node.ts";

const newFolder = temporaryFolders();
const golden = readFileSync(new URL("../../../test/goldens/data/lsun.mdb", import.meta.url));

/**
 * 230 images written by LMDB's Python binding; image i is (i, 2i mod 256, 255 − i), every 40th is
 * noise.
 */
async function lsun(): Promise<string> {
  const folder = join(newFolder(), "bedroom_train_lmdb");
  await put(join(folder, "data.mdb"), golden);
  return folder;
}

const color = (i: number): number[] => [i, (2 * i) % 256, 255 - i];

it("reads an LMDB of images; the last 1 % is the test part", async () => {
  const [folder, cache] = [await lsun(), newFolder()];
  const train = await openSmall(`lmdb:${folder}`, cache);
  expect(train.count).toBe(228);
  for (const [i, corner] of corners(train).entries()) if (i % 40 > 0) expect(corner).toEqual(color(i));
  expect(train.labels).toBeUndefined();
  expect(train.summary).toMatchObject({ source: `lmdb:${folder}`, name: "bedroom_train_lmdb", skipped: [] });
  expect(train.summary.notes.join()).toMatch(/last 1 % is the test part.*this is the train part/);
  const test = await openSmall(`lmdb:${folder}`, cache, { split: "test" });
  expect(corners(test)).toEqual([color(228), color(229)]);
  expect((await openSmall(`lmdb:${folder}`, cache, { split: "all" })).count).toBe(230);
});

it("takes the file itself, or the folder without the word", async () => {
  const folder = await lsun();
  expect((await openSmall(folder, newFolder())).count).toBe(228);
  expect((await openSmall(join(folder, "data.mdb"), newFolder())).summary.source).toBe(`lmdb:${folder}`);
});

it("needs no lock: one that another program holds does not matter, and none is made", async () => {
  const folder = await lsun();
  await put(join(folder, "lock.mdb"), "held by a writer");
  await openSmall(folder, newFolder());
  expect(readFileSync(join(folder, "lock.mdb"), "utf8")).toBe("held by a writer");
  const fresh = await lsun();
  await openSmall(fresh, newFolder());
  expect(existsSync(join(fresh, "lock.mdb"))).toBe(false);
});

it("stops if a program writes to it meanwhile", async () => {
  const folder = await lsun();
  const listing = await lmdb.list({ location: folder, split: "all" });
  const changed = Buffer.from(golden);
  // The newer of the two meta pages gets the next transaction.
  const newer = changed.readBigUInt64LE(144) > changed.readBigUInt64LE(4096 + 144) ? 0 : 4096;
  changed.writeBigUInt64LE(changed.readBigUInt64LE(newer + 144) + 1n, newer + 144);
  await put(join(folder, "data.mdb"), changed);
  const error = await userError(
    listing.load(0, { size: 8, preprocessing: "centre-crop", resize: "lanczos3" }),
  );
  expect(error.message).toMatch(/was written to it while it was read/);
  expect(error.hint).toMatch(/Stop the program/);
  await listing.close();
});

it("says what is wrong", async () => {
  expect((await userError(openSmall("lmdb:", newFolder()))).message).toMatch(/needs a path/);
  expect((await userError(openSmall(`lmdb:${newFolder()}`, newFolder()))).message).toMatch(/no data\.mdb/);
  expect((await userError(openSmall("lmdb:/nowhere/at/all", newFolder()))).message).toMatch(/it is missing/);
  const truncated = await lsun();
  truncateSync(join(truncated, "data.mdb"), 60_000);
  const error = await userError(openSmall(truncated, newFolder()));
  expect(error.message).toMatch(/data\.mdb cannot be used as an LMDB: .*truncated/);
  const few = await userError(openSmall(`lmdb:${await lsun()}`, newFolder(), { minimumImages: 1000 }));
  expect(few.message).toMatch(/only 228 usable images/);
});

it.skipIf(process.getuid?.() === 0 || process.platform === "win32")(
  "says if it may not be read",
  async () => {
    const folder = await lsun();
    chmodSync(join(folder, "data.mdb"), 0);
    expect((await userError(openSmall(folder, newFolder()))).message).toMatch(/no permission/);
  },
);
