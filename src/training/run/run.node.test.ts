/** Whole runs on disk with the toy objective: records, changed configurations, forks. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readMetrics } from "../evaluation/metrics.node.ts";
import { fakeConfig, fakeStore } from "../testing/fake.ts";
import { essence, message, toySessions } from "../testing/session.ts";
import { listCheckpoints } from "./checkpoint/checkpoint.node.ts";

const { path, session } = toySessions();

describe("a run", () => {
  it("records steps, samples and checkpoints in order", async () => {
    const { dir, events, result } = await session("run");
    expect(result).toEqual({ reason: "finished", step: 12 });
    expect(events.map((event) => `${event.kind} ${event.step}`)).toEqual([
      ...[
        "start 0",
        "sample 0",
        "step 1",
        "step 2",
        "step 3",
        "step 4",
        "checkpoint 4",
        "step 5",
        "sample 5",
      ],
      ...["step 6", "step 7", "step 8", "checkpoint 8", "step 9", "step 10", "sample 10", "step 11"],
      ...["step 12", "sample 12", "checkpoint 12", "stop 12"],
    ]);
    const { lines } = await readMetrics(join(dir, "metrics.jsonl"));
    expect(lines.slice(0, -1)).toEqual(
      events.filter((event) => event.kind === "step" || event.kind === "sample"),
    );
    expect((await readdir(dir)).sort()).toEqual([
      "checkpoints",
      "config.json",
      "environment.json",
      "metrics.jsonl",
      "samples",
    ]);
    expect((await readdir(join(dir, "samples"))).sort()).toEqual(
      ["0000000", "0000005", "0000010", "0000012"]
        .flatMap((n) => [`${n}-ema.png`, `${n}.png`, `${n}.weights.json`])
        .concat("reals.png"),
    );
    expect(await listCheckpoints(join(dir, "checkpoints"))).toEqual([12, 8, 4]);
    const meta = JSON.parse(await readFile(join(dir, "checkpoints", "0000012", "meta.json"), "utf8"));
    expect(meta.progress.updates).toEqual({ generator: 12, discriminator: 24 });
  });

  it("keeps only the newest checkpoints it was told to", async () => {
    const config = fakeConfig({ checkpointEvery: 2, keepCheckpoints: 2 });
    const { dir } = await session("run", { config });
    expect(await readdir(join(dir, "checkpoints"))).toEqual(["0000010", "0000012"]);
  });

  it("differs for another seed", async () => {
    const a = await session("a");
    const b = await session("b", { config: fakeConfig({ seed: 4 }) });
    expect(await essence(a.dir)).not.toEqual(await essence(b.dir));
  });
});

describe("a changed configuration", () => {
  it("is refused with the difference and the remedy", async () => {
    await session("run", { abortAt: 3 });
    const config = { ...fakeConfig(), optimizer: { ...fakeConfig().optimizer, learningRate: 0.5 } };
    const text = await message(session("run", { config }));
    expect(text).toContain("optimizer.learningRate: 0.01 → 0.5");
    expect(text).toContain('mode: "fork"');
    expect(text).toContain('mode: "new"');
  });

  it("may fork: the new run goes on from the checkpoint, the old one is untouched", async () => {
    await session("run", { abortAt: 6 });
    const before = await essence(path("run"));
    const config = fakeConfig({ discIters: 3 });
    const { dir, events, result } = await session("run", { config, mode: "fork" });
    expect(dir).toBe(path("run-2"));
    expect(result).toEqual({ reason: "finished", step: 12 });
    expect(events.find((event) => event.kind === "step")?.step).toBe(7);
    expect(events.find((event) => event.kind === "warning")).toMatchObject({
      message: expect.stringContaining("training.discIters: 2 → 3"),
    });
    expect((await readMetrics(join(dir, "metrics.jsonl"))).lines[0]?.step).toBe(0);
    expect(await essence(path("run"))).toEqual(before);
    // And the fork is a run like any other.
    expect((await session("run-2", { config })).result.reason).toBe("finished");
  });

  it("may fork, and a fork stopped at once still goes on from there", async () => {
    await session("run", { abortAt: 6 });
    const config = fakeConfig({ discIters: 3 });
    expect((await session("run", { config, mode: "fork", abortAt: 0 })).result.step).toBe(6);
    const { events } = await session("run-2", { config });
    expect(events.find((event) => event.kind === "step")?.step).toBe(7);
  });

  it("may begin a new run beside", async () => {
    await session("run", { abortAt: 3 });
    const { dir, events } = await session("run", { config: fakeConfig({ discIters: 3 }), mode: "new" });
    expect(dir).toBe(path("run-2"));
    expect(events[0]).toMatchObject({ kind: "start", step: 0 });
  });

  it("forks to other images by shuffling those anew", async () => {
    await session("run", { abortAt: 6 });
    const { result } = await session("run", { store: fakeStore(50), mode: "fork" });
    expect(result).toEqual({ reason: "finished", step: 12 });
  });
});
