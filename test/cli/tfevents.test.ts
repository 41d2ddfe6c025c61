/**
 * Files for TensorBoard from the command line; what their bytes must be is in
 * src/training/tfevents.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startRecord, versionRecord } from "../../src/training/tfevents/records.ts";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());
beforeAll(() => makePictures(workspace.path("pictures"), 64));

const train = (...more: string[]) => workspace.run("train", "pictures", ...TINY, "--run", "run", ...more);
const names = (): string[] =>
  readdirSync(workspace.path("run"))
    .filter((name) => name.includes("tfevents"))
    .sort();
const files = (): Buffer[] => names().map((name) => readFileSync(workspace.path("run", name)));
/** Steps of all records in a file, but for those that carry none. */
function records(file: Buffer): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    found.push(new Uint8Array(file.subarray(at, at + length + 16)));
    at += length + 16;
  }
  return found;
}
/**
 * Without the time, the first eight bytes of the message behind its key, and the checksum behind
 * it.
 */
const timeless = (record: Uint8Array): string => Buffer.from(record.subarray(21, -4)).toString("hex");

it("a run has them from the beginning, with scalars of every step and the grids as PNG", async () => {
  expect((await train("--steps", "2")).code).toBe(0);
  const [file] = files();
  const all = records(file!);
  expect(timeless(all[0]!)).toBe(timeless(versionRecord(0)));
  // Samples at 0; steps 1 and 2; samples at 2.
  expect(all).toHaveLength(1 + 4);
  const text = file!.toString("latin1");
  for (const tag of [
    "discriminator/rotationAccuracyReal",
    "generator/loss",
    "samples/latest",
    "samples/averaged",
  ])
    expect(text).toContain(tag);
  const png = readFileSync(workspace.path("run", "samples", "0000002-ema.png"));
  expect(file!.includes(png)).toBe(true);
});

it("going on begins another file, which says from which step on the earlier ones do not count", async () => {
  expect((await train("--steps", "3")).code).toBe(0);
  expect(files()).toHaveLength(2);
  const all = records(files()[1]!);
  expect(timeless(all[1]!)).toBe(timeless(startRecord(0, 3)));
  expect(all).toHaveLength(2 + 2);
});

it("an older run gets what its record says; none are written on request", async () => {
  for (const name of names()) rmSync(workspace.path("run", name));
  expect((await train("--steps", "4", "--no-tfevents")).code).toBe(0);
  expect(names()).toEqual([]);
  expect((await train("--steps", "5")).code).toBe(0);
  // Samples at 0, 2, 3, 4 and 5; steps 1 to 5.
  expect(records(files()[0]!)).toHaveLength(1 + 5 + 5);
});
