/**
 * `embed` from the command line; the array is read back by hand and compared with the network's own
 * features.
 */
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import * as ort from "onnxruntime-node";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 64);
  // More than a batch, in classes, and one file that is no image.
  for (const [i, name] of ["bright", "gray, dull"].entries())
    await makePictures(workspace.path("sorted", name), 40 + i, i + 2);
  await mkdir(workspace.path("sorted", "bright"), { recursive: true });
  await writeFile(workspace.path("sorted", "bright", "broken.png"), "no image");
  await workspace.run("train", "pictures", ...TINY, "--run", "run", "--steps", "2");
});

function readNpy(path: string): { shape: number[]; values: Float32Array } {
  const bytes = readFileSync(path);
  const header = bytes.subarray(10, 10 + bytes.readUInt16LE(8)).toString("latin1");
  const shape = /'shape': \((\d+), (\d+)\)/.exec(header)!.slice(1).map(Number);
  expect(header).toContain("'descr': '<f4', 'fortran_order': False");
  return { shape, values: new Float32Array(Uint8Array.from(bytes.subarray(128)).buffer) };
}

it("writes a row an image, in the order of the table, as the exported discriminator sees them", async () => {
  const { code, stdout } = await workspace.run(
    "embed",
    "sorted",
    "--run",
    "run",
    "--block",
    "block2",
    "--out",
    "f/x.npy",
    "--json",
  );
  expect(code).toBe(0);
  const document = JSON.parse(stdout);
  expect(document).toMatchObject({ block: "block2", step: 2, classNames: ["bright", "gray, dull"] });
  expect(document.skipped).toHaveLength(1);
  expect(readdirSync(workspace.path("f")).sort()).toEqual(["x.csv", "x.npy"]);
  const { shape, values } = readNpy(workspace.path("f", "x.npy"));
  expect(shape).toEqual([81, document.shape[1]]);
  expect(values).toHaveLength(shape[0]! * shape[1]!);
  const rows = readFileSync(workspace.path("f", "x.csv"), "utf8").trim().split("\n");
  expect(rows).toHaveLength(82);
  expect(rows.slice(0, 2)).toEqual(["row,path,label,class", "0,bright/000.png,0,bright"]);
  expect(rows.at(-1)).toBe('80,"gray, dull/040.png",1,"gray, dull"');

  await workspace.run("export", "run", "--only", "discriminator");
  const session = await ort.InferenceSession.create(workspace.path("run", "export", "discriminator.onnx"));
  for (const [row, file] of [
    [0, "bright/000.png"],
    [80, "gray, dull/040.png"],
  ] as const) {
    const pixels = await sharp(workspace.path("sorted", file))
      .removeAlpha()
      .resize(16, 16, { kernel: "lanczos3" })
      .raw()
      .toBuffer();
    const planes = Uint8Array.from({ length: 768 }, (_, i) => pixels[(i % 256) * 3 + Math.floor(i / 256)]!);
    const { block2 } = await session.run({ images: new ort.Tensor("uint8", planes, [1, 3, 16, 16]) });
    const mine = values.subarray(row * shape[1]!, (row + 1) * shape[1]!);
    const theirs = block2!.data as Float32Array;
    const largest = Math.max(...theirs.map(Math.abs));
    for (const [i, value] of mine.entries())
      expect(Math.abs(value - theirs[i]!)).toBeLessThan(1e-3 * largest);
  }
  await session.release();
});

it("pools to more numbers on request; says where the files are", async () => {
  const { stdout } = await workspace.run(
    "embed",
    "pictures",
    "--run",
    "run",
    "--block",
    "block2",
    "--numbers",
    "128",
  );
  expect(stdout).toMatch(/pictures-block2\.npy: float32 \[64, 128\], 32\.9 kB: block2 of pictures at step 2/);
  expect(readNpy(workspace.path("pictures-block2.npy")).shape).toEqual([64, 128]);
});

it("counts in plain English what could not be used", async () => {
  const { stdout } = await workspace.run("embed", "sorted", "--run", "run", "--out", "one.npy");
  expect(stdout).toMatch(/which image each row is\. 1 image could not be used\./);
});

it.each([
  [["embed", "pictures"], /needs a run/],
  [["embed", "pictures", "--run", "run", "--block", "blok2"], /Did you mean "block2"/],
  [["embed", "pictures", "--run", "run", "--out", "x.csv"], /end in \.npy/],
  [["embed", "nowhere/at/all", "--run", "run"], /no folder/],
])("%j is refused in plain words, and writes nothing", async (args, message) => {
  const before = readdirSync(workspace.folder).sort();
  const { code, stderr } = await workspace.run(...args);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
  expect(readdirSync(workspace.folder).sort()).toEqual(before);
});
