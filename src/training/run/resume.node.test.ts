/**
 * Runs with the toy objective that were stopped, killed or damaged end bit for bit as if nothing
 * had been, or say why not.
 */
import { cp, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readMetrics } from "../evaluation/metrics.node.ts";
import type { TrainEvent } from "../events.ts";
import { fakeConfig, fakeStore } from "../testing/fake.ts";
import { essence, message, toySessions } from "../testing/session.ts";

const { path, session } = toySessions();

describe("resuming", () => {
  it("gives what an undisturbed run gives, interrupted at any step", async () => {
    const undisturbed = await essence((await session("whole")).dir);
    for (const abortAt of [0, 1, 4, 5, 7, 11]) {
      const first = await session(`cut${abortAt}`, { abortAt });
      expect(first.result).toEqual({ reason: "interrupted", step: abortAt });
      const second = await session(`cut${abortAt}`);
      expect(second.result).toEqual({ reason: "finished", step: 12 });
      const after = await essence(second.dir);
      expect(after, `interrupted at ${abortAt}`).toEqual(undisturbed);
    }
  });

  it("gives the same from a store that is read ahead from a disk, interrupted or not", async () => {
    const undisturbed = await essence((await session("whole")).dir);
    const store = fakeStore();
    const onDisk = {
      ...store,
      async readMany(indices: Uint32Array, out: Uint8Array): Promise<void> {
        await new Promise(setImmediate);
        const bytes = out.length / indices.length;
        indices.forEach((index, i) => {
          store.read(index, out, i * bytes);
        });
      },
    };
    await session("disk", { abortAt: 5, store: onDisk });
    const { dir } = await session("disk", { store: onDisk });
    expect(await essence(dir)).toEqual(undisturbed);
  });

  it("gives what an undisturbed run gives after a crash between checkpoints, with a torn last line", async () => {
    const undisturbed = await essence((await session("whole")).dir);
    const crash = (update: number): void => {
      if (update === 3 * 10 + 1) throw new Error("the lights went out");
    };
    await expect(session("crashed", { engine: { beforeUpdate: crash } })).rejects.toThrow("lights");
    const record = path("crashed", "metrics.jsonl");
    expect((await readMetrics(record)).lines.at(-1)?.step).toBe(10);
    await truncate(record, (await readFile(record)).length - 20);
    const { events } = await session("crashed");
    expect(events.find((event) => event.kind === "step")?.step).toBe(9);
    expect(await essence(path("crashed"))).toEqual(undisturbed);
  });

  it("begins again when it was stopped before its first checkpoint", async () => {
    const crash = (update: number): void => {
      if (update === 5) throw new Error("the lights went out");
    };
    await expect(session("run", { engine: { beforeUpdate: crash } })).rejects.toThrow("lights");
    const { events, dir } = await session("run");
    expect(events.find((event) => event.kind === "warning")).toMatchObject({
      message: expect.stringContaining("no checkpoint yet"),
    });
    expect(await essence(dir)).toEqual(await essence((await session("whole")).dir));
  });

  it("does nothing, and says so, when the run is complete", async () => {
    const { dir } = await session("run");
    const before = await essence(dir);
    const { events, result } = await session("run");
    expect(result).toEqual({ reason: "finished", step: 12 });
    expect(events.map((event) => event.kind)).toEqual(["start", "warning", "stop"]);
    expect(events[1]).toMatchObject({ message: expect.stringContaining("already has its 12 steps") });
    expect(await essence(dir)).toEqual(before);
  });

  it("goes on when more steps are asked for", async () => {
    await session("run");
    const { result } = await session("run", { config: fakeConfig({ steps: 20 }) });
    expect(result).toEqual({ reason: "finished", step: 20 });
    expect(JSON.parse(await readFile(path("run", "config.json"), "utf8")).training.steps).toBe(20);
  });

  it("refuses fewer steps than it has, and leaves its configuration as it was", async () => {
    const { dir } = await session("run");
    const before = await readFile(join(dir, "config.json"), "utf8");
    await expect(session("run", { config: fakeConfig({ steps: 11 }) })).rejects.toThrow(
      "already has 12 steps",
    );
    expect(await readFile(join(dir, "config.json"), "utf8")).toBe(before);
  });

  it("warns when another engine computes", async () => {
    await session("run", { abortAt: 3 });
    const { events } = await session("run", { engine: { description: "another" } });
    const warnings = events.filter((event) => event.kind === "warning").map((event) => event.message);
    expect(warnings).toEqual([expect.stringContaining('"fake" before and goes on with "another"')]);
    const { sessions } = JSON.parse(await readFile(path("run", "environment.json"), "utf8"));
    expect(sessions.map((s: { fromStep: number; engine: string }) => [s.fromStep, s.engine])).toEqual([
      [0, "fake"],
      [3, "another"],
    ]);
  });

  it("refuses other images under the same name", async () => {
    await session("run", { abortAt: 3 });
    const text = await message(session("run", { store: fakeStore(30, 6) }));
    expect(text).toContain("the images themselves");
    expect(text).toContain('mode: "fork"');
  });

  const at = (source: string | null): ReturnType<typeof fakeConfig> => {
    const config = fakeConfig();
    return { ...config, data: { ...config.data, source } };
  };
  const warned = (events: readonly TrainEvent[]): string =>
    events.flatMap((event) => (event.kind === "warning" ? [event.message] : [])).join("\n");

  it("goes on with images that have moved, says so, records it, and ends equal", async () => {
    await session("whole", { config: at("/new/pictures") });
    await session("run", { config: at("/old/pictures"), abortAt: 5 });
    const { events } = await session("run", { config: at("/new/pictures"), abortAt: 6 });
    expect(warned(events)).toBe(
      'The images have moved (data.source: "/old/pictures" → "/new/pictures"). They are the same by their content hash, so the run goes on.',
    );
    const { sessions } = JSON.parse(await readFile(path("run", "environment.json"), "utf8"));
    expect(sessions.map((one: { movedFrom?: string }) => one.movedFrom)).toEqual([
      undefined,
      "/old/pictures",
    ]);
    expect(JSON.parse(await readFile(path("run", "config.json"), "utf8")).data.source).toBe("/new/pictures");
    // Nothing more is said of it.
    expect(warned((await session("run", { config: at("/new/pictures") })).events)).toBe("");
    expect(await essence(path("run"))).toEqual(await essence(path("whole")));
  });

  it("goes on from a checkpoint made where the images were two moves ago", async () => {
    await session("run", { config: at("/one"), abortAt: 8 });
    await session("run", { config: at("/two"), abortAt: 9 });
    for (const step of ["0000009"])
      await truncate(path("run", "checkpoints", step, "weights.safetensors"), 9);
    const { result } = await session("run", { config: at(null) });
    expect(result).toEqual({ reason: "finished", step: 12 });
  });

  it("refuses other images elsewhere, with both differences, and leaves the run as it was", async () => {
    await session("run", { config: at("/old"), abortAt: 3 });
    const before = await readFile(path("run", "config.json"), "utf8");
    const text = await message(session("run", { config: at("/new"), store: fakeStore(30, 6) }));
    expect(text).toContain('data.source: "/old" → "/new"\n  the images themselves: content hash');
    expect(text).toContain('mode: "fork"');
    expect(await readFile(path("run", "config.json"), "utf8")).toBe(before);
  });

  it("refuses when config.json was changed by hand to match", async () => {
    await session("run", { abortAt: 3 });
    const config = fakeConfig({ discIters: 3 });
    await writeFile(path("run", "config.json"), JSON.stringify(config));
    expect(await message(session("run", { config }))).toContain("changed by hand");
  });

  it("falls back to the last good checkpoint with a warning, keeps the damaged one, and ends equal", async () => {
    const undisturbed = await essence((await session("whole")).dir);
    await session("run", { abortAt: 10 });
    const newest = path("run", "checkpoints", "0000010", "weights.safetensors");
    await truncate(newest, (await readFile(newest)).length - 1);
    const { events } = await session("run");
    const text = events.flatMap((event) => (event.kind === "warning" ? [event.message] : [])).join("\n");
    expect(text).toContain(`${newest} is damaged`);
    expect(text).toContain("Going on from the last good checkpoint instead, that of step 8");
    expect(await readdir(path("run", "checkpoints"))).toContain("damaged-0000010");
    expect(await essence(path("run"))).toEqual(undisturbed);
  });

  it("refuses when every checkpoint is damaged, and touches nothing", async () => {
    await session("run", { abortAt: 5 });
    for (const step of await readdir(path("run", "checkpoints")))
      await writeFile(path("run", "checkpoints", step, "meta.json"), "not json");
    await cp(path("run"), path("copy"), { recursive: true });
    const text = await message(session("run"));
    expect(text).toContain("No checkpoint in");
    expect(text).toContain("it is not JSON");
    for (const part of ["metrics.jsonl", "config.json"])
      expect(await readFile(path("run", part))).toEqual(await readFile(path("copy", part)));
    expect(await readdir(path("run"))).not.toContain("lock.json");
  });
});
