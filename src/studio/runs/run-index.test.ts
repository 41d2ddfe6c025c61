/** Reading a record as it grows. */
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { append, evaluationLine, makeRun, sampleLine, stepLine, steps } from "../testing/records.ts";
import { createIndexStore, summarizeIndex } from "./index-store.ts";
import { emptyIndex, readOn } from "./run-index.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "quarterturn-index-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const record = (dir: string): string => join(dir, "metrics.jsonl");

it("read in whatever pieces it was written, it is the same index", async () => {
  const text = sampleLine(0) + steps(1, 40) + evaluationLine(40, 12.5) + sampleLine(40) + steps(41, 90);
  const whole = await readOn(emptyIndex(), record(await makeRun(root, "whole", text)));
  const dir = await makeRun(root, "pieces", "");
  let index = emptyIndex();
  for (let at = 0, piece = 1; at < text.length; at += piece, piece = (piece * 31) % 997) {
    await append(dir, text.slice(at, at + piece));
    index = await readOn(index, record(dir));
  }
  expect(index).toEqual(whole);
  expect(index).toMatchObject({ lastStep: 90, generation: 0 });
  expect(index.samples.map(({ step }) => step)).toEqual([0, 40]);
  expect(index.evaluations).toHaveLength(1);
});

it("only what is new is read", async () => {
  const dir = await makeRun(root, "run", steps(1, 50));
  const index = await readOn(emptyIndex(), record(dir));
  // What was read before may be damaged without anybody noticing, but for its last bytes.
  const bytes = await readFile(record(dir));
  bytes.fill("x", 0, 1000);
  await writeFile(record(dir), bytes);
  await append(dir, stepLine(51));
  expect(await readOn(index, record(dir))).toMatchObject({ lastStep: 51, generation: 0 });
});

it("a record cut back and written on, as a continued run does it, is read anew", async () => {
  const dir = await makeRun(root, "run", steps(1, 50));
  const index = await readOn(emptyIndex(), record(dir));
  await truncate(record(dir), steps(1, 30).length);
  const cut = await readOn(index, record(dir));
  expect(cut).toMatchObject({ lastStep: 30, generation: 1 });
  await append(dir, Array.from({ length: 30 }, (_, i) => stepLine(31 + i, 5_000_000 + i)).join(""));
  const longer = await readOn(cut, record(dir));
  expect(longer).toMatchObject({ lastStep: 60, generation: 1 });
  // Cut back and grown again between two looks: longer than before, but another one.
  await truncate(record(dir), steps(1, 30).length);
  await append(dir, Array.from({ length: 50 }, (_, i) => stepLine(31 + i, 9_000_000 + i)).join(""));
  const again = await readOn(longer, record(dir));
  expect(again).toMatchObject({ lastStep: 80, generation: 2 });
  expect(again.series.keys).toHaveLength(80);
  await rm(record(dir));
  expect(await readOn(again, record(dir))).toMatchObject({ lastStep: 0, generation: 3 });
});

it("lines nobody has heard of, and damaged ones, break nothing", async () => {
  const line = (step: number) =>
    `${JSON.stringify({ kind: "survey", step, time: 1, blocks: { block1: { accuracy: 0.3 + step / 100 } }, best: 0.5 })}\n`;
  const strange = `${line(10)}${line(20)}no JSON\n[]\nnull\n{"kind":7,"step":1}\n`;
  const known = [steps(1, 20), sampleLine(20)] as const;
  const plain = await readOn(emptyIndex(), record(await makeRun(root, "plain", known.join(""))));
  const dir = await makeRun(root, "run", known.join(strange));
  const { revision, ...index } = await readOn(emptyIndex(), record(dir));
  expect(index).toEqual({ ...plain, offset: index.offset, mark: index.mark, revision: undefined });
  expect(index.offset).toBe(plain.offset + strange.length);
  expect(revision).toBe(plain.revision);
});

it("what is held does not grow with the length of a run", async () => {
  const size = async (from: number, to: number, index = emptyIndex()) => {
    const dir = await makeRun(
      root,
      `run-${from}`,
      steps(from, to) + Array.from({ length: to - from }, (_, i) => sampleLine(from + i)).join(""),
    );
    const read = await readOn(index, record(dir));
    return JSON.stringify(read).length;
  };
  const short = await size(1, 6000);
  const long = await size(1, 24_000);
  expect(long).toBeLessThan(1.5 * short);
});

it("an index on the disk comes back as it was, and a damaged one is made anew", async () => {
  const store = createIndexStore(join(root, "cache"));
  const dir = await makeRun(root, "run", sampleLine(0) + steps(1, 30) + evaluationLine(30, 7));
  const index = await readOn(await store.load(dir), record(dir));
  await store.save(dir, index);
  expect(await store.load(dir)).toEqual(index);
  expect(await store.loadSummary(dir)).toEqual(summarizeIndex(index));
  expect(summarizeIndex(index)).toMatchObject({
    lastStep: 30,
    fid: { value: 7, name: "FID (features of net)", step: 30 },
  });
  const { readdir } = await import("node:fs/promises");
  for (const name of await readdir(join(root, "cache")))
    await writeFile(join(root, "cache", name), '{"version":1');
  expect(await store.load(dir)).toEqual(emptyIndex());
  expect(await store.loadSummary(dir)).toBeUndefined();
});
