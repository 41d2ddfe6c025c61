/**
 * Steering a run through its folder: pause, one step, changes that last through a resume, what is
 * refused.
 */
import { randomUUID } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../../../base/errors.ts";
import { readMetrics } from "../../evaluation/metrics.node.ts";
import type { TrainEvent } from "../../events.ts";
import { openRun } from "../../run/folder/run-folder.node.ts";
import { runTraining } from "../../run/run.node.ts";
import { fakeConfig, fakeEngine, fakeSteps, fakeStore } from "../../testing/fake.ts";
import { withoutTiming } from "../../testing/without-timing.ts";
import { readChanges, readControlState, sendCommand } from "./control.node.ts";
import type { Answer, Command, ControlState } from "./control.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "quarterturn-control-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const config = fakeConfig({ steps: 20, checkpointEvery: 3, keepCheckpoints: 20 });

/** Train in `root/name`; `steer` begins to run with the first event. */
async function train(
  name: string,
  steer: (dir: string) => Promise<void> = async () => undefined,
  mode: "continue" | "fork" = "continue",
): Promise<{ dir: string; events: TrainEvent[] }> {
  const run = await openRun({ config, dir: join(root, name), mode });
  const events: TrainEvent[] = [];
  let steering: Promise<void> | undefined;
  try {
    await runTraining({
      ...{ run, config, steps: fakeSteps(), engine: fakeEngine(), store: fakeStore() },
      async onEvent(event) {
        events.push(event);
        // Sent before the first step is taken.
        if (event.kind === "start" && steer.length > 0) {
          await sendCommand(run.dir, { kind: "pause" });
          steering = steer(run.dir);
        }
      },
    });
    await steering;
    return { dir: run.dir, events };
  } finally {
    await run.close();
  }
}

async function stateWhen(dir: string, test: (state: ControlState) => boolean): Promise<ControlState> {
  for (;;) {
    const state = await readControlState(dir);
    if (state && test(state)) return state;
    await setTimeout(5);
  }
}

/** Send and wait for the answer. */
async function ask(dir: string, command: Command): Promise<Answer> {
  const id = await sendCommand(dir, command);
  const { answers } = await stateWhen(dir, (state) => state.answers.some((answer) => answer.id === id));
  return answers.find((answer) => answer.id === id)!;
}

/** The record without times and without grids made for who paused, and the final weights. */
async function essence(dir: string): Promise<unknown> {
  const { lines } = await readMetrics(join(dir, "metrics.jsonl"));
  const unasked = lines.filter((line) => line.kind !== "sample" || !line.asked);
  const timeless = unasked.map(withoutTiming);
  const weights = await readFile(join(dir, "checkpoints", "0000020", "state.safetensors"), "hex");
  return { timeless, weights };
}

it("pauses, takes one step at a time, saves, and goes on", async () => {
  const { dir, events } = await train("run", async (folder) => {
    expect((await stateWhen(folder, (state) => state.paused)).step).toBe(0);
    expect(await ask(folder, { kind: "step" })).toMatchObject({ ok: true });
    expect((await stateWhen(folder, (state) => state.step === 1)).paused).toBe(true);
    expect((await ask(folder, { kind: "save" })).message).toBe("Saved a checkpoint of step 1.");
    expect((await ask(folder, { kind: "save" })).message).toBe("Step 1 is saved already.");
    await sendCommand(folder, { kind: "resume" });
  });
  expect(events.filter(({ kind }) => kind === "step")).toHaveLength(20);
  expect(events.find(({ kind }) => kind === "checkpoint")).toMatchObject({ step: 1 });
  expect(await readdir(dir)).not.toContain("control");
  expect(await readdir(dir)).not.toContain("changes.json");
});

it("obeys what was sent after the run was opened and before it trains, and nothing from before", async () => {
  const dir = join(root, "run");
  const run = await openRun({ config, dir, mode: "continue" });
  try {
    const id = await sendCommand(dir, { kind: "pause" });
    // Of a process that is gone.
    const [kept = ""] = await readdir(join(dir, "control"));
    const old = `${kept.slice(0, "command-".length)}${"0".repeat(15)}-${randomUUID()}.json`;
    await writeFile(join(dir, "control", old), JSON.stringify({ kind: "save" }));
    await writeFile(join(dir, "control", "state.json"), "{}");
    const events: TrainEvent[] = [];
    const trained = runTraining({
      ...{ run, config, steps: fakeSteps(), engine: fakeEngine(), store: fakeStore() },
      onEvent: (event) => void events.push(event),
    });
    const { step, answers } = await stateWhen(dir, ({ paused }) => paused);
    expect({ step, ids: answers.map((answer) => answer.id) }).toEqual({ step: 0, ids: [id] });
    await sendCommand(dir, { kind: "resume" });
    await trained;
    expect(
      events.some(({ kind, ...event }) => kind === "checkpoint" && "step" in event && event.step === 0),
    ).toBe(false);
  } finally {
    await run.close();
  }
});

it("pausing and one step make a grid of that step, once, which no health check sees", async () => {
  const { dir, events } = await train("run", async (folder) => {
    await stateWhen(folder, (state) => state.paused);
    for (const step of [1, 2]) {
      await ask(folder, { kind: "step" });
      await stateWhen(folder, (state) => state.step === step);
    }
    await ask(folder, { kind: "pause" });
    await sendCommand(folder, { kind: "resume" });
  });
  const { lines } = await readMetrics(join(dir, "metrics.jsonl"));
  const grids = lines.flatMap((line) => (line.kind === "sample" ? [[line.step, line.asked ?? false]] : []));
  // Step 0 and the last have theirs anyway.
  expect(grids.filter(([, asked]) => asked)).toEqual([
    [1, true],
    [2, true],
  ]);
  expect(new Set(grids.map(([step]) => step)).size).toBe(grids.length);
  expect(await readdir(join(dir, "samples"))).toEqual(expect.arrayContaining(["0000001.png", "0000002.png"]));
  expect(events.filter(({ kind }) => kind === "warning")).toEqual([]);
});

/** Pause at once, change the rate after five steps and again after eight, go on. */
async function changeTwice(folder: string): Promise<void> {
  await stateWhen(folder, (state) => state.paused);
  for (let step = 1; step <= 8; step++) {
    await sendCommand(folder, { kind: "step" });
    await stateWhen(folder, (state) => state.step === step);
    if (step === 5) await ask(folder, { kind: "change", values: { "optimizer.learningRate": 0.05 } });
  }
  await ask(folder, { kind: "change", values: { "optimizer.discriminatorLearningRate": 0.002 } });
  await sendCommand(folder, { kind: "resume" });
}

describe("a change", () => {
  it("is in force from the next step on, and in the record", async () => {
    const { dir } = await train("run", changeTwice);
    const { lines } = await readMetrics(join(dir, "metrics.jsonl"));
    const rates = lines.flatMap((line) => (line.kind === "step" ? [line.learningRate] : []));
    expect(rates).toEqual([...Array(5).fill(0.01), ...Array(15).fill(0.05)]);
    expect(lines.filter(({ kind }) => kind === "change")).toEqual([
      { kind: "change", id: 1, step: 5, values: { "optimizer.learningRate": 0.05 } },
      { kind: "change", id: 2, step: 8, values: { "optimizer.discriminatorLearningRate": 0.002 } },
    ]);
    expect(await essence(dir)).not.toEqual(await essence((await train("plain")).dir));
  });

  it.each([0, 3, 6, 9])(
    "continued from step %d, a run ends bit-equal to an undisturbed one",
    async (from) => {
      const whole = await train("whole", changeTwice);
      const again = join(root, "again");
      await cp(whole.dir, again, { recursive: true });
      // What a process leaves that was killed after the last step, having saved the checkpoint of `from` last.
      for (const name of await readdir(join(again, "checkpoints")))
        if (Number(name) > from) await rm(join(again, "checkpoints", name), { recursive: true });
      const { dir } = await train("again");
      expect(await essence(dir)).toEqual(await essence(whole.dir));
      expect(await readChanges(dir)).toEqual(await readChanges(whole.dir));
    },
  );

  it("does not come into force in a fork, which says so", async () => {
    await train("whole", changeTwice);
    const parent = join(root, "whole", "checkpoints");
    for (const name of await readdir(parent))
      if (Number(name) > 9) await rm(join(parent, name), { recursive: true });
    const { dir, events } = await train("whole", undefined, "fork");
    expect(events.find((event) => event.kind === "warning")).toMatchObject({
      message: expect.stringContaining("Forked from step 9"),
    });
    expect(events).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(/a fork goes on with its own configuration/),
      }),
    );
    const { lines } = await readMetrics(join(dir, "metrics.jsonl"));
    const rates = lines.flatMap((line) => (line.kind === "step" && line.step > 9 ? [line.learningRate] : []));
    expect(new Set(rates)).toEqual(new Set([0.01]));
  });
});

it("refuses what cannot be, says why, and trains on", async () => {
  const answers: Answer[] = [];
  await train("run", async (folder) => {
    await stateWhen(folder, (state) => state.paused);
    for (const values of [
      { "optimizer.learningRate": -1 },
      { "optimizer.learningRate": "fast" },
      { "training.batchSize": 4 },
      { "objective.beta": 2 },
      {},
    ])
      answers.push(await ask(folder, { kind: "change", values } as unknown as Command));
    answers.push(await ask(folder, { kind: "explode" } as unknown as Command));
    await sendCommand(folder, { kind: "resume" });
  });
  expect(answers.map(({ ok }) => ok)).toEqual(Array(6).fill(false));
  expect(answers[0]!.message).toBe(
    "optimizer.learningRate: expected a number above 0 and at most 1, got -1.",
  );
  expect(answers[2]!.message).toMatch(/training.batchSize cannot change while a run goes on/);
  expect(answers[3]!.message).toMatch(/no pretext task/);
  expect(answers[5]!.message).toMatch(/Unknown command "explode"/);
});

it("nobody can be steered who is not there", async () => {
  const { dir } = await train("run");
  await expect(sendCommand(dir, { kind: "pause" })).rejects.toThrow(/Nobody trains in this run/);
});

it("damaged changes are named, not ignored", async () => {
  const { dir } = await train("run", changeTwice);
  await writeFile(join(dir, "changes.json"), '{"changes":[{"id":1}]}');
  await expect(train("run")).rejects.toThrow(UserError);
});
