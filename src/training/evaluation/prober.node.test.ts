/**
 * Probing while training: when, and that stopping in the midst of it, or not probing at all,
 * changes nothing.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ProbeEvent } from "../events.ts";
import { openRun } from "../run/folder/run-folder.node.ts";
import { runTraining } from "../run/run.node.ts";
import { fakeConfig, fakeEngine, fakeSteps, fakeStore } from "../testing/fake.ts";
import { withoutTiming } from "../testing/without-timing.ts";
import { readMetrics } from "./metrics.node.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "quarterturn-prober-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function probed(step: number): ProbeEvent {
  const images = { data: "toys", hash: "d", split: "train", count: 2, of: 2 };
  return {
    kind: "probe",
    step,
    protocol: {
      name: "quick",
      pooling: "means over equal patches",
      epochs: 1,
      batchSize: 2,
      learningRate: 0.1,
      momentum: 0.9,
      weightDecay: 0,
      seeds: [1],
    },
    train: images,
    test: images,
    classes: 2,
    accuracies: { block1: step / 100 },
    best: "block1",
  };
}

interface Session {
  readonly every?: number;
  readonly steps?: number;
  /** Abort while the discriminator of this step is being probed. */
  readonly abortAt?: number;
}

async function session(name: string, { every = 3, steps = 12, abortAt }: Session = {}) {
  const config = fakeConfig({ steps });
  const run = await openRun({ config, dir: join(root, name) });
  const abort = new AbortController();
  try {
    const result = await runTraining({
      ...{ run, config, steps: fakeSteps(), engine: fakeEngine(), store: fakeStore(), signal: abort.signal },
      probing:
        every === 0
          ? undefined
          : {
              every,
              async probe(step, signal) {
                if (step === abortAt) abort.abort(new Error("stopped"));
                signal?.throwIfAborted();
                return probed(step);
              },
            },
    });
    const { lines } = await readMetrics(join(run.dir, "metrics.jsonl"));
    const record = lines.map(withoutTiming);
    const probes = record.filter(({ kind }) => kind === "probe").map(({ step }) => step);
    return { result, record, probes, others: record.filter(({ kind }) => kind !== "probe") };
  } finally {
    await run.close();
  }
}

it("is made at the beginning, every so many steps and at the end, and disturbs nothing", async () => {
  const run = await session("run", { every: 5 });
  expect(run.probes).toEqual([0, 5, 10, 12]);
  expect(run.others).toEqual((await session("without", { every: 0 })).record);
});

it.each([0, 3, 6, 12])("stopped while it was made at step %i ends as if it had not been", async (abortAt) => {
  const undisturbed = await session("undisturbed");
  const stopped = await session("stopped", { abortAt });
  expect(stopped.result).toEqual({ reason: abortAt === 12 ? "finished" : "interrupted", step: abortAt });
  expect(stopped.probes).not.toContain(abortAt);
  expect((await session("stopped")).record).toEqual(undisturbed.record);
});

it("goes on with a longer run, and probes nothing twice", async () => {
  await session("run", { steps: 6 });
  expect((await session("run")).probes).toEqual([0, 3, 6, 9, 12]);
});

it("asked for only later, begins where the run stands", async () => {
  await session("run", { every: 0, steps: 6 });
  expect((await session("run", { every: 6 })).probes).toEqual([6, 12]);
});
