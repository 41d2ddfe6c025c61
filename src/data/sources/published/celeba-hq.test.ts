import { join } from "node:path";
import { expect, it } from "vitest";
import { zipOf } from "../../testing/archives.node.ts";
import { plainColor, put, temporaryFolders } from "../../testing/images.node.ts";
import { corners, openSmall, plainPng, userError } from "../../testing/open.node.ts";

const newFolder = temporaryFolders();
const files = await Promise.all(
  Array.from({ length: 20 }, async (_, i) => ({ name: `${i}.png`, bytes: await plainPng(i) })),
);
const colors = (numbers: readonly number[]): string[] => numbers.map((i) => plainColor(i).join()).sort();

it("holds out the last tenth by number, in a folder and in an archive", async () => {
  const root = newFolder();
  for (const { name, bytes } of files) await put(join(root, "faces", name), bytes);
  await put(join(root, "faces.zip"), zipOf(files));
  for (const name of ["faces", "faces.zip"]) {
    const source = `celeba-hq:${join(root, name)}`;
    const test = await openSmall(source, newFolder(), { split: "test" });
    expect(corners(test).map(String).sort()).toEqual(colors([18, 19]));
    const train = await openSmall(source, newFolder());
    expect(corners(train).map(String).sort()).toEqual(colors(Array.from({ length: 18 }, (_, i) => i)));
    expect(train.summary.source).toBe(source);
    expect(train.summary.notes).toEqual([
      "The last tenth is the test part, as in compare_gan's CelebA-HQ (27,000 and 3,000): this is the train part.",
    ]);
    expect(train.summary.warnings.join()).toMatch(/has 20 images where CelebA-HQ has 30000/);
  }
});

it("needs a path to images", async () => {
  expect((await userError(openSmall("celeba-hq:", newFolder()))).message).toMatch(/needs a path/);
  expect((await userError(openSmall(`celeba-hq:${newFolder()}`, newFolder()))).message).toMatch(/is empty/);
});
