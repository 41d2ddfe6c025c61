/**
 * What a run's folder says of itself is in that folder: a link that leads elsewhere is refused, a
 * device is never read.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { readChanges, readControlState } from "../../loop/control/control.node.ts";
import { readBest } from "../checkpoint/best.node.ts";
import { addSession, knownSessions, readSessions } from "../record/sessions.node.ts";
import { readClassNames } from "./class-names.node.ts";
import { lockedBy } from "./lock.node.ts";
import { readConfig } from "./run-folder.node.ts";

const root = mkdtempSync(join(tmpdir(), "quarterturn-own-"));
const run = join(root, "run");
const elsewhere = join(root, "elsewhere.json");
afterAll(() => rmSync(root, { recursive: true }));

const READERS: Readonly<Record<string, (dir: string) => Promise<unknown>>> = {
  "config.json": readConfig,
  "changes.json": readChanges,
  "best.json": readBest,
  "classes.json": readClassNames,
  "environment.json": readSessions,
};

beforeEach(() => {
  rmSync(run, { recursive: true, force: true });
  mkdirSync(join(run, "control"), { recursive: true });
  writeFileSync(elsewhere, "{}");
});

describe.each(Object.entries(READERS))("%s", (name, read) => {
  it("of another folder is refused, and that file is named", async () => {
    symlinkSync(elsewhere, join(run, name));
    await expect(read(run)).rejects.toThrow(`${join(run, name)} leads out of the run folder`);
  });

  it.skipIf(process.platform === "win32")("without an end is not read", async () => {
    symlinkSync("/dev/zero", join(run, name));
    await expect(read(run)).rejects.toThrow(/leads out of the run folder/);
  });
});

it("notes that cannot be trusted are as if they were not there", async () => {
  symlinkSync(elsewhere, join(run, "environment.json"));
  symlinkSync(elsewhere, join(run, "control", "state.json"));
  expect(await knownSessions(run)).toEqual([]);
  expect(await readControlState(run)).toBeUndefined();
});

it("a lock that is a device holds nothing, and is not read to its end", async () => {
  symlinkSync("/dev/zero", join(run, "lock.json"));
  expect(await lockedBy(run)).toBeUndefined();
});

it("sessions follow one another", async () => {
  const session = { started: "2026-01-01T00:00:00Z", fromStep: 0, versions: {}, platform: "linux x64" };
  const whole = { ...session, engine: "ONNX Runtime", device: "cpu", threads: 1 };
  await addSession(run, whole);
  await addSession(run, { ...whole, fromStep: 5 });
  expect(await readSessions(run)).toEqual([whole, { ...whole, fromStep: 5 }]);
});
