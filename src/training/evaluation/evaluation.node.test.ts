/**
 * Measuring while training: when, what is kept, and that stopping in the midst of it changes
 * nothing.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryStore } from "../../data/store/memory-store.ts";
import type { TensorMap } from "../../engine/engine.ts";
import type { TrainEvent } from "../events.ts";
import { chooseCheckpoint } from "../run/checkpoint/best.node.ts";
import { listCheckpoints } from "../run/checkpoint/checkpoint.node.ts";
import { openRun, type RunMode } from "../run/folder/run-folder.node.ts";
import { runTraining } from "../run/run.node.ts";
import { fakeConfig, fakeEngine, fakeSteps, fakeStore, SIDE } from "../testing/fake.ts";
import { fakeEvaluation } from "../testing/fake-evaluation.ts";
import { withoutTiming } from "../testing/without-timing.ts";
import { type BestBy, createEvaluator } from "./evaluator.ts";
import { generatedImages } from "./measure.ts";
import { readMetrics } from "./metrics.node.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "quarterturn-evaluation-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** FID by step: the best is that of step 6. */
const FIDS: Readonly<Record<number, number>> = { 3: 5, 6: 2, 9: 4, 12: 3 };

interface Session {
  /**
   * Step from which on the discriminator takes held-out images, which are white, for generated
   * ones.
   */
  readonly overfitsFrom?: number;
  readonly every?: number;
  readonly mode?: RunMode;
  readonly keepBest?: BestBy;
  readonly steps?: number;
  /** Abort while the generator of this step is being measured. */
  readonly abortAt?: number;
}

async function session(name: string, options: Session = {}) {
  const { overfitsFrom } = options;
  const watched = overfitsFrom !== undefined && { sampleEvery: 1 };
  const config = fakeConfig({ keepCheckpoints: 1, steps: options.steps ?? 12, ...watched });
  // White ones are held out, those of `trained` are trained on, the rest is generated.
  const trained = fakeStore();
  const known = new Set(Array.from({ length: trained.count }, (_, i) => pixelsOf(trained, i).join()));
  const white = memoryStore({
    images: new Uint8Array(20 * SIDE * SIDE * 3).fill(255),
    size: SIDE,
    hash: "white",
  });
  let done = 0;
  const score = (pixels: Uint8Array): number =>
    known.has(pixels.join()) || (pixels.every((value) => value === 255) && done < overfitsFrom!) ? 1 : -1;
  const run = await openRun({ config, dir: join(root, name), mode: options.mode });
  const abort = new AbortController();
  const events: TrainEvent[] = [];
  try {
    const result = await runTraining({
      run,
      config,
      steps: fakeSteps(),
      engine: fakeEngine({ score }),
      store: trained,
      heldOut: overfitsFrom === undefined ? undefined : white,
      signal: abort.signal,
      onEvent(event) {
        events.push(event);
        done = event.step;
      },
      evaluation: {
        every: options.every ?? 3,
        keepBest: options.keepBest ?? "fid",
        async measure(step, signal) {
          if (step === options.abortAt) abort.abort(new Error("stopped"));
          signal?.throwIfAborted();
          return fakeEvaluation(step, FIDS[step] ?? 1, "averaged");
        },
      },
    });
    const { lines } = await readMetrics(join(run.dir, "metrics.jsonl"));
    const record = lines.map(withoutTiming);
    return { dir: run.dir, events, result, record };
  } finally {
    await run.close();
  }
}
function pixelsOf(store: ReturnType<typeof fakeStore>, index: number): Uint8Array {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  store.read(index, pixels, 0);
  return pixels;
}
const checkpoints = (dir: string): Promise<number[]> => listCheckpoints(join(dir, "checkpoints"));
const best = async (dir: string): Promise<unknown> =>
  JSON.parse(await readFile(join(dir, "best.json"), "utf8"));
const measurements = (events: readonly { kind?: unknown; step?: unknown }[]): unknown[] =>
  events.filter((event) => event.kind === "evaluation").map((event) => event.step);

describe("a run that is measured", () => {
  it("keeps the best checkpoint besides the latest", async () => {
    const { dir, events, record } = await session("run");
    expect(measurements(events)).toEqual([3, 6, 9, 12]);
    expect(measurements(record)).toEqual([3, 6, 9, 12]);
    const saved = events.filter((event) => event.kind === "checkpoint").map((event) => event.step);
    // 3 and 6 as the best so far, 4, 8 and 12 as usual.
    expect(saved).toEqual([3, 4, 6, 8, 12]);
    expect(await checkpoints(dir)).toEqual([12, 6]);
    expect(await best(dir)).toEqual({ step: 6, metric: "fid", value: 2 });
  });

  it("at other steps has the same weights", async () => {
    const runs = [await session("often", { every: 1 }), await session("seldom", { every: 7 })];
    const [often, seldom] = await Promise.all(
      runs.map(({ dir }) =>
        Promise.all(
          ["weights", "state"].map((part) =>
            readFile(join(dir, "checkpoints/0000012", `${part}.safetensors`), "hex"),
          ),
        ),
      ),
    );
    expect(often).toEqual(seldom);
    expect(runs.map(({ events }) => measurements(events).length)).toEqual([12, 2]);
  });

  it("and keeps none besides when none is wanted", async () => {
    const { dir } = await session("run", { keepBest: "none" });
    expect(await checkpoints(dir)).toEqual([12]);
    expect(await readdir(dir)).not.toContain("best.json");
  });

  it("keeps the checkpoint from before the discriminator overfits, and takes none of after it for the best", async () => {
    const undisturbed = await session("ill", { overfitsFrom: 5 });
    const scores = undisturbed.record.flatMap(({ kind, step, heldOut }) =>
      kind === "sample" ? [[step, (heldOut as { heldOut: number }).heldOut]] : [],
    );
    expect(scores).toEqual(Array.from({ length: 13 }, (_, step) => [step, step < 5 ? 1 : -1]));
    // FID 5 at step 3; the 2 of step 6 is that of copies.
    expect(await best(undisturbed.dir)).toEqual({ step: 3, metric: "fid", value: 5 });
    expect(await checkpoints(undisturbed.dir)).toEqual([12, 4, 3]);
    expect((await chooseCheckpoint(undisturbed.dir, {})).step).toBe(3);

    const stopped = await session("stopped", { overfitsFrom: 5, abortAt: 9 });
    expect(stopped.result).toEqual({ reason: "interrupted", step: 9 });
    expect(await checkpoints(stopped.dir)).toEqual([9, 4, 3]);
    const continued = await session("stopped", { overfitsFrom: 5 });
    expect(continued.events).toMatchObject([{ kind: "start", step: 9 }, ...continued.events.slice(1)]);
    expect(continued.record).toEqual(undisturbed.record);
    expect(await checkpoints(continued.dir)).toEqual([12, 4, 3]);
    expect(await best(continued.dir)).toEqual(await best(undisturbed.dir));
  });

  it.each([3, 6, 9, 12])(
    "stopped while it was measured at step %i ends as if it had not been",
    async (abortAt) => {
      const undisturbed = await session("undisturbed");
      const stopped = await session("stopped", { abortAt });
      expect(stopped.result).toEqual({ reason: abortAt === 12 ? "finished" : "interrupted", step: abortAt });
      expect(measurements(stopped.record)).not.toContain(abortAt);
      const continued = await session("stopped");
      expect(continued.record).toEqual(undisturbed.record);
      expect(await checkpoints(continued.dir)).toEqual(await checkpoints(undisturbed.dir));
      expect(await best(continued.dir)).toEqual(await best(undisturbed.dir));
    },
  );

  it("goes on with the best it had, and measures nothing twice", async () => {
    await session("run", { steps: 9 });
    const { dir, events } = await session("run");
    expect(measurements(events)).toEqual([12]);
    expect(await checkpoints(dir)).toEqual([12, 6]);
  });

  it("forked, does not take a checkpoint of its parent for its own best", async () => {
    await session("run", { steps: 9 });
    const { dir, events } = await session("run", { mode: "fork" });
    expect(measurements(events)).toEqual([12]);
    expect(await best(dir)).toEqual({ step: 12, metric: "fid", value: 3 });
  });

  it("measured only from now on, begins with where it stands", async () => {
    await session("run", { every: 100, steps: 6 });
    const { events } = await session("run", { every: 2, steps: 8 });
    expect(measurements(events)).toEqual([8]);
    const later = await session("run", { every: 4, steps: 8 });
    expect(measurements(later.events)).toEqual([]);
  });
});

describe("an evaluator", () => {
  const options = { every: 3, keepBest: "fid" as const, steps: 12, fromStep: 0, history: [], kept: [] };
  it("passes failures on, and is silent only about its own signal", async () => {
    const failing = createEvaluator(async () => Promise.reject(new Error("no features")), options);
    await expect(failing.evaluate(3)).rejects.toThrow("no features");
    await expect(failing.evaluate(3, AbortSignal.abort(new Error("stop")))).rejects.toThrow("no features");
  });

  it("has no best before the first measurement, and none without the number it goes by", async () => {
    const evaluator = createEvaluator(async (step) => fakeEvaluation(step, 1, "averaged"), {
      ...options,
      keepBest: "kid",
    });
    expect((await evaluator.evaluate(3))?.isBest).toBe(false);
    expect(evaluator.best()).toBeUndefined();
  });
});

describe("images of a generator", () => {
  const generator = async () => {
    const engine = fakeEngine();
    const steps = fakeSteps();
    await engine.writeState(steps.initialState(1));
    return { sampler: await engine.compile(steps.sampler), alias: {}, config: fakeConfig() };
  };
  const all = async (
    ...args: Parameters<typeof generatedImages> extends [unknown, ...infer Rest] ? Rest : never
  ) => {
    const set = generatedImages(await generator(), ...args);
    const of = async (size: number): Promise<number[]> => {
      const values = [];
      for await (const { pixels } of set.chunks(size)) values.push(...pixels);
      return values;
    };
    return { set, of };
  };

  it("are the same for a seed, however they are taken, and other ones for another", async () => {
    const { set, of } = await all(23, 1, "uint8");
    expect([set.count, set.side]).toEqual([23, 8]);
    const images = await of(10);
    expect(images.length).toBe(23 * 8 * 8 * 3);
    expect(await of(4)).toEqual(images);
    expect(await (await all(23, 2, "uint8")).of(10)).not.toEqual(images);
  });

  it("of a conditional generator are of all classes, drawn anew for every seed", async () => {
    const steps = fakeSteps();
    const labeled = {
      ...steps.sampler,
      feeds: [...steps.sampler.feeds, { name: "labels", shape: [10], dtype: "int64" as const }],
    };
    const drawn: number[] = [];
    const sampler = {
      program: labeled,
      async run({ labels }: TensorMap): Promise<TensorMap> {
        drawn.push(...[...(labels as BigInt64Array)].map(Number));
        return { images: new Uint8Array(10 * 8 * 8 * 3) };
      },
      release: async () => undefined,
    };
    const config = { ...fakeConfig(), data: { resolution: 8, classes: 4, mirror: false } };
    const labelsOf = async (seed: number): Promise<number[]> => {
      drawn.length = 0;
      for await (const chunk of generatedImages({ sampler, alias: {}, config }, 400, seed, "uint8").chunks(
        10,
      ))
        expect(chunk.count).toBe(10);
      return [...drawn];
    };
    const first = await labelsOf(1);
    for (let label = 0; label < 4; label++) {
      const share = first.filter((value) => value === label).length / first.length;
      expect(Math.abs(share - 0.25)).toBeLessThan(0.1);
    }
    expect(await labelsOf(1)).toEqual(first);
    expect(await labelsOf(2)).not.toEqual(first);
  });

  it("rescaled reach from 0 to 255", async () => {
    const plain = await (await all(23, 1, "uint8")).of(10);
    const rescaled = await (await all(23, 1, "uint8-rescaled")).of(10);
    expect([Math.min(...rescaled), Math.max(...rescaled)]).toEqual([0, 255]);
    const [min, max] = [Math.min(...plain), Math.max(...plain)];
    expect(rescaled[7]).toBe(Math.floor(((plain[7]! - min) * 255) / (max - min + 1e-5 * 127.5) + 0.5));
  });
});
