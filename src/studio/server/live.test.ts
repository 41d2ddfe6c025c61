/**
 * Hours of news: what is held and what is sent at once stays small, and the page ends with what the
 * server has.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunCurves } from "../protocol.ts";
import { withTail } from "../record/series.ts";
import { createIndexStore } from "../runs/index-store.ts";
import { createRunCatalog } from "../runs/run-catalog.ts";
import { append, makeRun, steps } from "../testing/records.ts";
import { createWatcher } from "./live.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "quarterturn-live-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

it("40,000 events, looked at in pieces, end in the very curves of the server", async () => {
  const dir = await makeRun(join(root, "runs"), "run", "", 40_000);
  const catalog = createRunCatalog(join(root, "runs"), createIndexStore(join(root, "cache")));
  const watcher = createWatcher(catalog, ["run"]);
  let known: RunCurves | undefined;
  let tails = 0;
  let largestTail = 0;
  for (let step = 0, piece = 7; step < 40_000; step += piece, piece = 1 + ((piece * 37) % 1201)) {
    const last = Math.min(40_000, step + piece);
    await append(dir, steps(step + 1, last));
    for (const message of await watcher.look()) {
      if (message.kind !== "curves") continue;
      const joined = known?.generation === message.curves.generation && withTail(known, message.curves);
      if (joined && known) {
        known = { ...message.curves, ...joined };
        tails++;
        largestTail = Math.max(largestTail, message.curves.steps.length);
      } else {
        // Another width: everything is sent at once, and begins at the beginning.
        expect(message.curves.steps[0]).toBe(message.curves.width);
        known = message.curves;
      }
    }
  }
  expect(known).toEqual(await catalog.curves("run"));
  expect(known!.steps.at(-1)).toBe(40_000);
  expect(tails).toBeGreaterThan(20);
  expect(largestTail).toBeLessThanOrEqual(1024);
  expect(await watcher.look()).toEqual([]);
});

it("a run that goes away is passed over", async () => {
  const dir = await makeRun(join(root, "runs"), "gone", steps(1, 2));
  const watcher = createWatcher(createRunCatalog(join(root, "runs"), createIndexStore(join(root, "cache"))), [
    "gone",
    "never",
  ]);
  expect((await watcher.look()).map(({ kind }) => kind)).toEqual(["status", "curves", "detail"]);
  await rm(dir, { recursive: true });
  await expect(watcher.look()).resolves.toBeInstanceOf(Array);
});
