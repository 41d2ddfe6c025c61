/** The cache of reference statistics: what is kept, and that nothing wrong ever comes out of it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { matrix } from "../linalg/matrix.ts";
import { statisticsCache } from "./cache.node.ts";
import type { ReferenceKey } from "./reference.ts";

const folder = mkdtempSync(join(tmpdir(), "quarterturn-cache-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KEY: ReferenceKey = {
  data: "data-hash",
  split: "test",
  preprocessing: "centre-crop",
  side: 32,
  count: 10,
  resize: "tf1-bilinear",
  size: 299,
  features: "features-hash",
};
const MOMENTS = {
  count: 10,
  mean: Float64Array.of(1, 2.5),
  covariance: matrix(2, 2, Float64Array.of(4, 1, 1, 3)),
};

let notes: string[] = [];
beforeEach(() => {
  notes = [];
});
const open = (where = folder) => statisticsCache(where, (note) => notes.push(note));
const files = (): string[] => readdirSync(join(folder, "statistics"));

describe("statistics", () => {
  it("come back as they were written, whatever the order of the key's fields", async () => {
    const features = Float32Array.from({ length: 2 * KEY.count }, (_, i) => i - 0.5);
    await open().write(KEY, "moments", MOMENTS);
    await open().write(KEY, "features", features);
    const turned = Object.fromEntries(Object.entries(KEY).reverse()) as unknown as ReferenceKey;
    expect(await open().read(turned, "moments")).toEqual(MOMENTS);
    expect(await open().read(KEY, "features")).toEqual(features);
    expect(notes).toEqual([]);
  });

  it.each(Object.keys(KEY) as (keyof ReferenceKey)[])("are not found under another %s", async (field) => {
    const other = {
      ...KEY,
      [field]: field === "side" || field === "count" || field === "size" ? 7 : "other",
    };
    expect(await open().read(other as ReferenceKey, "moments")).toBeUndefined();
    expect(notes).toEqual([]);
  });

  it("written by many at once are whole", async () => {
    await Promise.all(Array.from({ length: 8 }, () => open().write(KEY, "moments", MOMENTS)));
    expect(await open().read(KEY, "moments")).toEqual(MOMENTS);
    expect(files().filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

describe("what cannot be used is ignored with a note", () => {
  const path = () => join(folder, "statistics", files().find((name) => name.includes("moments"))!);
  const spoil = (change: (bytes: Buffer) => Uint8Array | string) =>
    writeFileSync(path(), change(readFileSync(path())));
  beforeEach(async () => {
    await open().write(KEY, "moments", MOMENTS);
  });

  it.each([
    [
      "another version",
      (bytes: Buffer) => bytes.toString("latin1").replace('"version":1', '"version":9'),
      /another version.*format 9/,
    ],
    ["another program", () => '{"format":"something"}\n', /another program/],
    ["a truncated file", (bytes: Buffer) => bytes.subarray(0, bytes.length - 5), /damaged/],
    ["a changed byte", (bytes: Buffer) => bytes.fill(7, bytes.length - 3), /damaged/],
    ["an empty file", () => "", /damaged/],
    ["rubbish", () => "rubbish", /damaged/],
    ["JSON that is nothing", () => "null\n", /another program/],
  ])("%s", async (_, change, message) => {
    spoil((bytes) => {
      const changed = change(bytes);
      return typeof changed === "string" ? Buffer.from(changed, "latin1") : changed;
    });
    expect(await open().read(KEY, "moments")).toBeUndefined();
    expect(notes.join()).toMatch(message);
    await open().write(KEY, "moments", MOMENTS);
    expect(await open().read(KEY, "moments")).toEqual(MOMENTS);
  });

  it("a place that cannot be written costs a note, not the evaluation", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    await open(file).write(KEY, "moments", MOMENTS);
    expect(notes.join()).toMatch(/could not be kept/);
  });
});
