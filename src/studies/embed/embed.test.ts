/** The array format against what NumPy itself writes, and the writer's promises. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createNpy, npyHeader } from "./npy.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarterturn-npy-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `numpy.save` (1.24) of float32 [3, 70000]; by hex, without the numbers. */
const OF_NUMPY =
  "934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028332c203730303030292c207d" +
  "20".repeat(128 - 73 - 1) +
  "0a";

it("the header is NumPy's own, byte for byte", () => {
  expect(Buffer.from(npyHeader(3, 70_000)).toString("hex")).toBe(OF_NUMPY);
  const long = Buffer.from(npyHeader(2 ** 52, 2 ** 40)).toString("latin1");
  expect(long).toMatch(
    /^.NUMPY..v.\{'descr': '<f4', 'fortran_order': False, 'shape': \(4503599627370496, 1099511627776\), \} *\n$/s,
  );
});

it("rows come one after another; the file has its name only when it is finished", async () => {
  const path = join(folder, "a.npy");
  const writer = await createNpy(path, 3);
  await writer.append(Float32Array.of(1, 2, 3, 4, 5, 6));
  // A view into a larger array: only its own numbers are written.
  await writer.append(new Float32Array([9, 9, 7, 8, 9, 9]).subarray(2, 5));
  await expect(writer.append(Float32Array.of(1, 2))).rejects.toThrow(/no rows of 3/);
  expect(await readdir(folder)).toEqual([
    expect.stringMatching(new RegExp(`^a\\.npy\\.\\d+\\.${process.pid}\\.tmp$`)),
  ]);
  expect(writer.rows).toBe(3);
  await writer.finish();
  await writer.discard();
  expect(await readdir(folder)).toEqual(["a.npy"]);
  const bytes = await readFile(path);
  expect(bytes.subarray(0, 128)).toEqual(Buffer.from(npyHeader(3, 3)));
  expect([...new Float32Array(Uint8Array.from(bytes.subarray(128)).buffer)]).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]);
});

it("what is discarded leaves nothing, and an earlier file stays", async () => {
  const path = join(folder, "a.npy");
  const before = await readFile(path);
  const writer = await createNpy(path, 2);
  await writer.append(Float32Array.of(1, 2));
  await writer.discard();
  expect(await readdir(folder)).toEqual(["a.npy"]);
  expect((await readFile(path)).equals(before)).toBe(true);
  await expect(createNpy(join(folder, "no", "b.npy"), 2)).rejects.toThrow(/its folder is not there/);
});
