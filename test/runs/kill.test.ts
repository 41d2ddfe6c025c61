/**
 * A process killed without warning, again and again, leaves a run that ends as if nothing had
 * happened.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it } from "vitest";
import { randomStream } from "../../src/base/random.ts";
import { readMetrics } from "../../src/training/evaluation/metrics.node.ts";
import { withoutTiming } from "../../src/training/testing/without-timing.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "quarterturn-kill-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/**
 * Train in a process of its own; kill it after so many lines.
 * @returns whether it got to the end
 */
async function trainUntil(dir: string, lines: number): Promise<boolean> {
  const script = new URL("../../src/training/testing/run-toy.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--import", "tsx", script, dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let seen = 0;
  for await (const _ of createInterface({ input: child.stdout })) if (++seen === lines) child.kill("SIGKILL");
  const code = await ended;
  if (code !== 0 && code !== null) throw new Error(`the run failed with ${code}`);
  return code === 0;
}

async function outcome(dir: string): Promise<unknown> {
  const { lines, unreadable } = await readMetrics(join(dir, "metrics.jsonl"));
  const timeless = lines.map(withoutTiming);
  const checkpoints = (await readdir(join(dir, "checkpoints"), { recursive: true })).sort();
  const files = checkpoints.filter((name) => name.includes("."));
  const bytes = await Promise.all(files.map((name) => readFile(join(dir, "checkpoints", name), "hex")));
  return { timeless, unreadable, checkpoints, bytes, top: (await readdir(dir)).sort() };
}

it("a run killed at random moments ends bit-equal to an undisturbed one", async () => {
  expect(await trainUntil(join(root, "whole"), Number.POSITIVE_INFINITY)).toBe(true);
  const moments = randomStream(Date.now(), "kills");
  const kills = Array.from({ length: 4 }, () => 1 + moments.integer(25));
  for (const lines of kills) if (await trainUntil(join(root, "killed"), lines)) break;
  await trainUntil(join(root, "killed"), Number.POSITIVE_INFINITY);
  expect(await outcome(join(root, "killed")), `killed after ${kills} lines`).toEqual(
    await outcome(join(root, "whole")),
  );
});
