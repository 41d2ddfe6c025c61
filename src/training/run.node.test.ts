/** Whole runs on disk with the toy objective: records, resuming bit-equal, refusing, forking, diverging, damage. */
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../base/errors.ts";
import { listCheckpoints } from "./checkpoint.node.ts";
import { TIMING_FIELDS, type TrainEvent } from "./events.ts";
import type { TrainResult } from "./loop.ts";
import { readMetrics } from "./metrics.node.ts";
import { runTraining } from "./run.node.ts";
import { openRun, type RunMode } from "./run-folder.node.ts";
import { type FakeOptions, fakeConfig, fakeEngine, fakeSteps, fakeStore } from "./testing/fake.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "quarterturn-run-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Session {
  readonly config?: ReturnType<typeof fakeConfig>;
  readonly mode?: RunMode;
  readonly engine?: FakeOptions;
  readonly store?: ReturnType<typeof fakeStore>;
  /** Abort as soon as this many generator steps are done. */
  readonly abortAt?: number;
  readonly onEvent?: (event: TrainEvent) => void;
}

/** One process's worth of training in `root/name`. */
async function session(
  name: string,
  options: Session = {},
): Promise<{ dir: string; events: TrainEvent[]; result: TrainResult }> {
  const config = options.config ?? fakeConfig();
  const run = await openRun({ config, dir: join(root, name), mode: options.mode });
  const events: TrainEvent[] = [];
  const abort = new AbortController();
  if (options.abortAt === 0) abort.abort();
  try {
    const result = await runTraining({
      run,
      config,
      steps: fakeSteps(),
      engine: fakeEngine(options.engine),
      store: options.store ?? fakeStore(),
      signal: abort.signal,
      onEvent(event) {
        events.push(event);
        options.onEvent?.(event);
        if (event.kind === "step" && event.step === options.abortAt) abort.abort();
      },
    });
    return { dir: run.dir, events, result };
  } finally {
    await run.close();
  }
}

/** Everything of a run that must not depend on how often it was interrupted. */
async function essence(dir: string): Promise<unknown> {
  const { lines, unreadable } = await readMetrics(join(dir, "metrics.jsonl"));
  const timeless = lines.map((line) =>
    Object.fromEntries(
      Object.entries(line).filter(([key]) => !(TIMING_FIELDS as readonly string[]).includes(key)),
    ),
  );
  const [last] = await listCheckpoints(join(dir, "checkpoints"));
  const checkpoint = join(dir, "checkpoints", String(last).padStart(7, "0"));
  const files = ["weights.safetensors", "state.safetensors", "meta.json"].map((f) =>
    readFile(join(checkpoint, f), "hex"),
  );
  const samples = (await readdir(join(dir, "samples"))).sort();
  const pictures = await Promise.all(samples.map((name) => readFile(join(dir, "samples", name), "hex")));
  return { timeless, unreadable, last, files: await Promise.all(files), samples, pictures };
}

const message = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      return `${error.message}\n${error.hint ?? ""}`;
    },
  );

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
    expect(lines).toEqual(events.filter((event) => event.kind === "step" || event.kind === "sample"));
    expect((await readdir(dir)).sort()).toEqual([
      "checkpoints",
      "config.json",
      "environment.json",
      "metrics.jsonl",
      "samples",
    ]);
    expect((await readdir(join(dir, "samples"))).sort()).toEqual(
      ["0000000", "0000005", "0000010", "0000012"]
        .flatMap((n) => [`${n}-ema.png`, `${n}.png`])
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
    const path = join(root, "crashed", "metrics.jsonl");
    expect((await readMetrics(path)).lines.at(-1)?.step).toBe(10);
    await truncate(path, (await readFile(path)).length - 20);
    const { events } = await session("crashed");
    expect(events.find((event) => event.kind === "step")?.step).toBe(9);
    expect(await essence(join(root, "crashed"))).toEqual(undisturbed);
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
    expect(JSON.parse(await readFile(join(root, "run", "config.json"), "utf8")).training.steps).toBe(20);
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
    const { sessions } = JSON.parse(await readFile(join(root, "run", "environment.json"), "utf8"));
    expect(sessions.map((s: { fromStep: number; engine: string }) => [s.fromStep, s.engine])).toEqual([
      [0, "fake"],
      [3, "another"],
    ]);
  });

  it("refuses other images under the same name", async () => {
    await session("run", { abortAt: 3 });
    const text = await message(session("run", { store: fakeStore(30, 6) }));
    expect(text).toContain("the images themselves");
    expect(text).toContain("--fork");
  });

  it("refuses when config.json was changed by hand to match", async () => {
    await session("run", { abortAt: 3 });
    const config = fakeConfig({ discIters: 3 });
    await writeFile(join(root, "run", "config.json"), JSON.stringify(config));
    expect(await message(session("run", { config }))).toContain("changed by hand");
  });

  it("falls back to the last good checkpoint with a warning, keeps the damaged one, and ends equal", async () => {
    const undisturbed = await essence((await session("whole")).dir);
    await session("run", { abortAt: 10 });
    const newest = join(root, "run", "checkpoints", "0000010", "weights.safetensors");
    await truncate(newest, (await readFile(newest)).length - 1);
    const { events } = await session("run");
    const text = events.flatMap((event) => (event.kind === "warning" ? [event.message] : [])).join("\n");
    expect(text).toContain(`${newest} is damaged`);
    expect(text).toContain("Going on from the last good checkpoint instead, that of step 8");
    expect(await readdir(join(root, "run", "checkpoints"))).toContain("damaged-0000010");
    expect(await essence(join(root, "run"))).toEqual(undisturbed);
  });

  it("refuses when every checkpoint is damaged, and touches nothing", async () => {
    await session("run", { abortAt: 5 });
    for (const step of await readdir(join(root, "run", "checkpoints")))
      await writeFile(join(root, "run", "checkpoints", step, "meta.json"), "not json");
    await cp(join(root, "run"), join(root, "copy"), { recursive: true });
    const text = await message(session("run"));
    expect(text).toContain("No checkpoint in");
    expect(text).toContain("it is not JSON");
    for (const part of ["metrics.jsonl", "config.json"])
      expect(await readFile(join(root, "run", part))).toEqual(await readFile(join(root, "copy", part)));
    expect(await readdir(join(root, "run"))).not.toContain("lock.json");
  });
});

describe("a changed configuration", () => {
  it("is refused with the difference and the remedy", async () => {
    await session("run", { abortAt: 3 });
    const config = { ...fakeConfig(), optimizer: { ...fakeConfig().optimizer, learningRate: 0.5 } };
    const text = await message(session("run", { config }));
    expect(text).toContain("optimizer.learningRate: 0.01 → 0.5");
    expect(text).toContain("--fork");
    expect(text).toContain("--new");
  });

  it("may fork: the new run goes on from the checkpoint, the old one is untouched", async () => {
    await session("run", { abortAt: 6 });
    const before = await essence(join(root, "run"));
    const config = fakeConfig({ discIters: 3 });
    const { dir, events, result } = await session("run", { config, mode: "fork" });
    expect(dir).toBe(join(root, "run-2"));
    expect(result).toEqual({ reason: "finished", step: 12 });
    expect(events.find((event) => event.kind === "step")?.step).toBe(7);
    expect(events.find((event) => event.kind === "warning")).toMatchObject({
      message: expect.stringContaining("training.discIters: 2 → 3"),
    });
    expect((await readMetrics(join(dir, "metrics.jsonl"))).lines[0]?.step).toBe(0);
    expect(await essence(join(root, "run"))).toEqual(before);
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
    expect(dir).toBe(join(root, "run-2"));
    expect(events[0]).toMatchObject({ kind: "start", step: 0 });
  });

  it("forks to other images by shuffling those anew", async () => {
    await session("run", { abortAt: 6 });
    const { result } = await session("run", { store: fakeStore(50), mode: "fork" });
    expect(result).toEqual({ reason: "finished", step: 12 });
  });
});

describe("divergence", () => {
  it("stops at a result that is not finite and names it, the step and the last good checkpoint", async () => {
    const poison: FakeOptions["beforeUpdate"] = (update, state) => {
      if (update === 3 * 6) state.get("discriminator/parameters")![0] = Number.NaN;
    };
    const events: TrainEvent[] = [];
    const text = await message(
      session("run", { engine: { beforeUpdate: poison }, onEvent: (event) => events.push(event) }),
    );
    expect(text).toContain("discriminator/loss became NaN at step 7");
    expect(text).toContain("step 4");
    expect(events.at(-1)).toEqual({ kind: "stop", step: 7, reason: "diverged" });
    expect(await listCheckpoints(join(root, "run", "checkpoints"))).toEqual([4]);
    expect((await readMetrics(join(root, "run", "metrics.jsonl"))).lines.at(-1)?.step).toBe(6);
  });

  it("never saves state that is not finite, and names the tensor", async () => {
    const poison: FakeOptions["beforeUpdate"] = (update, state) => {
      if (update === 3 * 7) state.get("generator/adam/m")![5] = Number.POSITIVE_INFINITY;
    };
    const engine = fakeEngine({ beforeUpdate: poison });
    // The toy's sine turns infinity into NaN in the results; hide those, as a large network's loss can.
    const blind: typeof engine = {
      ...engine,
      compileTogether: async (programs) =>
        (await engine.compileTogether(programs)).map((executable) => {
          const { name, results } = executable.program;
          const zeros = Object.fromEntries(results.map((result) => [result.name, Float32Array.of(0)]));
          return name === "sampler"
            ? executable
            : { ...executable, run: (feeds, alias) => executable.run(feeds, alias).then(() => zeros) };
        }),
    };
    const config = fakeConfig();
    const run = await openRun({ config, dir: join(root, "run") });
    const text = await message(
      runTraining({ run, config, steps: fakeSteps(), engine: blind, store: fakeStore() }),
    );
    await run.close();
    expect(text).toContain("generator/linear/bias");
    expect(text).toContain("at step 8");
    expect(await listCheckpoints(join(root, "run", "checkpoints"))).toEqual([4]);
  });
});
