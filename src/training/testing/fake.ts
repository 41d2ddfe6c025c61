/**
 * A toy objective and an engine that can run nothing else, for tests of what is around them: a few
 * parameters per network, updated by float32 arithmetic that depends on every feed and all state,
 * so that any difference in order, data, latents or state shows in every later number.
 */
import { randomStream } from "../../base/random.ts";
import { memoryStore } from "../../data/store/memory-store.ts";
import type { Engine, Executable, TensorMap } from "../../engine/engine.ts";
import type { Binding, DType, Program, ProgramBorders } from "../../graph/program.ts";
import type { Steps } from "../../objectives/steps.ts";
import type { LoopConfig } from "../settings.ts";

export const SIDE = 8;
export const LATENT = 4;
export const BATCH = 4;

const binding = (name: string, shape: number[], dtype: DType = "float32"): Binding => ({
  name,
  shape,
  dtype,
});
const G = 6;
const D = 5;
const generatorState = [
  binding("generator/parameters", [G]),
  binding("generator/adam/m", [G]),
  binding("generator/adam/v", [G]),
];
const discriminatorState = [
  binding("discriminator/parameters", [D]),
  binding("discriminator/adam/m", [D]),
  binding("discriminator/adam/v", [D]),
  binding("discriminator/buffers", [2]),
];
const running = binding("generator/buffers", [3]);
const averaged = binding("generator/ema", [G]);

function program(name: string, parts: Omit<ProgramBorders, "name">): Program {
  return { ...parts, name, code: { format: "onnx", model: new Uint8Array(), overwrites: [] } };
}

/** The toy objective. */
export function fakeSteps(): Steps {
  const latents = binding("latents", [BATCH, LATENT]);
  const rate = binding("learningRate", []);
  const scalar = (names: string[]): Binding[] => names.map((name) => binding(name, []));
  return {
    discriminatorStep: program("discriminatorStep", {
      feeds: [binding("images", [BATCH, SIDE, SIDE, 3], "uint8"), latents, rate],
      results: scalar(["loss", "real", "fake"]),
      reads: [...discriminatorState, generatorState[0]!, running],
      writes: [...discriminatorState, running],
    }),
    generatorStep: program("generatorStep", {
      feeds: [latents, rate, binding("emaDecay", [])],
      results: scalar(["loss", "fake"]),
      reads: [...generatorState, running, averaged, discriminatorState[0]!],
      writes: [...generatorState, running, averaged],
    }),
    accumulating: undefined,
    draws: {
      discriminatorStep: [{ name: "latents", shape: [BATCH, LATENT], values: "latents", stream: "latents" }],
      generatorStep: [{ name: "latents", shape: [BATCH, LATENT], values: "latents", stream: "latents" }],
    },
    sampler: program("sampler", {
      feeds: [binding("latents", [10, LATENT])],
      results: [binding("images", [10, SIDE, SIDE, 3], "uint8")],
      reads: [generatorState[0]!, running],
      writes: [],
    }),
    scores: () =>
      program("scores", {
        feeds: [binding("images", [BATCH, SIDE, SIDE, 3], "uint8")],
        results: [binding("score", [BATCH])],
        reads: [discriminatorState[0]!],
        writes: [],
      }),
    layout: {
      generator: {
        parameters: [
          { name: "generator/linear/kernel", shape: [2, 2], offset: 0 },
          { name: "generator/linear/bias", shape: [2], offset: 4 },
        ],
        buffers: [{ name: "generator/norm/mean", shape: [3], offset: 0 }],
      },
      discriminator: {
        parameters: [
          { name: "discriminator/block1/kernel", shape: [1, 4], offset: 0 },
          { name: "discriminator/block1/bias", shape: [1], offset: 4 },
        ],
        buffers: [{ name: "discriminator/block1/u", shape: [2], offset: 0 }],
      },
    },
    initialState(seed) {
      const stream = randomStream(seed, "initialisation");
      const state: Record<string, Float32Array> = {};
      for (const { name, shape } of [...generatorState, ...discriminatorState, running, averaged])
        state[name] = Float32Array.from({ length: shape[0]! }, () => stream.normal() * 0.1);
      state["generator/ema"] = state["generator/parameters"]!.slice();
      return state;
    },
  };
}

/** What a test may do to the engine. */
export interface FakeOptions {
  /** Called before each update with the number of updates so far; may change the state or throw. */
  readonly beforeUpdate?: (update: number, state: Map<string, Float32Array>) => void | Promise<void>;
  readonly description?: string;
  /** What the discriminator says of an image. */
  readonly score?: (pixels: Uint8Array) => number;
}

/** An engine for the toy objective. */
export function fakeEngine(options: FakeOptions = {}): Engine {
  const state = new Map<string, Float32Array>();
  let queue: Promise<unknown> = Promise.resolve();
  let updates = 0;

  const execute = async (
    p: Program,
    feeds: TensorMap,
    alias: Readonly<Record<string, string>>,
  ): Promise<TensorMap> => {
    await new Promise((resolve) => setImmediate(resolve));
    const looks = p.name === "sampler" || p.name === "scores";
    if (!looks) await options.beforeUpdate?.(updates++, state);
    const read = (name: string): Float32Array => {
      const values = state.get(alias[name] ?? name);
      if (!values) throw new Error(`state ${name} was never written`);
      return values;
    };
    for (const feed of p.feeds)
      if (feeds[feed.name]?.length !== feed.shape.reduce((a, b) => a * b, 1))
        throw new Error(`bad feed ${feed.name}`);
    if (p.name === "scores") {
      const bytes = SIDE * SIDE * 3;
      const images = feeds.images as Uint8Array;
      const score = (i: number): number => options.score?.(images.subarray(i * bytes, (i + 1) * bytes)) ?? 0;
      return { score: Float32Array.from({ length: BATCH }, (_, i) => score(i)) };
    }
    if (p.name === "sampler")
      return { images: paint(read("generator/parameters"), feeds.latents as Float32Array) };
    return update(p, feeds, read, (name, values) => state.set(name, values));
  };

  const compile = async (p: Program): Promise<Executable> => ({
    program: p,
    run(feeds, alias = {}) {
      const copies = Object.fromEntries(
        Object.entries(feeds).map(([name, values]) => [name, values.slice()]),
      );
      const result = queue.then(() => execute(p, copies, alias));
      queue = result.catch(() => undefined);
      return result;
    },
    release: async () => undefined,
  });

  return {
    description: options.description ?? "fake",
    arithmetic: options.description ?? "fake",
    device: "cpu",
    threads: 1,
    target: { provider: "standard", block: 0 },
    compile,
    compileTogether: (programs) => Promise.all(programs.map(compile)),
    async writeState(values) {
      for (const [name, value] of Object.entries(values)) state.set(name, value.slice());
    },
    async readState(names) {
      return Object.fromEntries(names.map((name) => [name, state.get(name)!.slice()]));
    },
    close: async () => undefined,
  };
}

const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * (1 + (i % 7) / 7);
  return sum / values.length;
};

function update(
  p: Program,
  feeds: TensorMap,
  read: (name: string) => Float32Array,
  write: (name: string, values: Float32Array) => void,
): TensorMap {
  const network = p.name === "discriminatorStep" ? "discriminator" : "generator";
  const other = network === "generator" ? "discriminator" : "generator";
  const signal =
    meanOf((feeds.images ?? []) as Uint8Array) / 255 || 0.1 * meanOf(read(`${other}/parameters`));
  const drive = signal + meanOf(feeds.latents as Float32Array) + 0.1 * meanOf(read("generator/buffers"));
  const rate = (feeds.learningRate as Float32Array)[0]!;
  const parameters = read(`${network}/parameters`);
  const m = read(`${network}/adam/m`).map(
    (value, i) => 0.5 * value + 0.5 * Math.sin(drive + parameters[i]! + i),
  );
  const v = read(`${network}/adam/v`).map((value, i) => 0.9 * Math.abs(value) + 0.1 * m[i]! * m[i]!);
  const next = parameters.map((value, i) => value - (rate * m[i]!) / (Math.sqrt(v[i]!) + 1e-8));
  write(`${network}/parameters`, next);
  write(`${network}/adam/m`, m);
  write(`${network}/adam/v`, v);
  write(
    "generator/buffers",
    read("generator/buffers").map((value) => 0.9 * value + 0.1 * drive),
  );
  if (network === "discriminator")
    write(
      "discriminator/buffers",
      read("discriminator/buffers").map((value) => value + 0.01 * drive),
    );
  else {
    const decay = (feeds.emaDecay as Float32Array)[0]!;
    write(
      "generator/ema",
      read("generator/ema").map((value, i) => decay * value + (1 - decay) * next[i]!),
    );
  }
  const loss = Float32Array.of(Math.cos(drive) + next[0]!);
  return {
    loss,
    real: Float32Array.of(0.5 + 0.1 * Math.tanh(drive)),
    fake: Float32Array.of(0.5 - 0.1 * Math.tanh(drive)),
  };
}

/** Images [10, S, S, 3] that depend on parameters and latents. */
function paint(parameters: Float32Array, latents: Float32Array): Uint8Array {
  const bytes = SIDE * SIDE * 3;
  return Uint8Array.from({ length: 10 * bytes }, (_, i) => {
    const image = Math.floor(i / bytes);
    return 127 + 100 * Math.sin(latents[image * LATENT + (i % LATENT)]! * 3 + parameters[i % G]! * 5);
  });
}

/** A store of `count` random images. */
export function fakeStore(count = 30, seed = 5): ReturnType<typeof memoryStore> {
  const stream = randomStream(seed, "pictures");
  const images = Uint8Array.from({ length: count * SIDE * SIDE * 3 }, () => stream.integer(256));
  return memoryStore({ images, size: SIDE, hash: `hash-${count}-${seed}` });
}

/** A configuration the toy objective fits; `training` may be changed. */
export function fakeConfig(training: Partial<LoopConfig["training"]> = {}) {
  return {
    data: { source: "toys" as string | null, resolution: SIDE, classes: 0, mirror: false },
    generator: {
      latentSize: LATENT,
      latentDistribution: "normal" as "normal" | "uniform",
      evaluationLatents: "as-training" as const,
      statistics: "running" as "running" | "standing",
      standingSamples: 8,
    },
    objective: {
      alpha: 0.2,
      alphaEnd: null as number | null,
      beta: 1,
      betaEnd: null,
      lambda: 0,
      selfSupervision: "rotation" as const,
      penaltyEvery: 1,
    },
    optimizer: {
      learningRate: 0.01,
      discriminatorLearningRate: null as number | null,
      beta1: 0.5,
      beta2: 0.9,
      decay: "none" as "none" | "linear",
      decayStart: 0,
      decayRate: 0.96,
      decayEvery: 5000,
    },
    training: {
      steps: 12,
      batchSize: BATCH,
      accumulate: 1,
      discIters: 2,
      seed: 3,
      ema: 0.9,
      emaStart: 2,
      checkpointEvery: 4,
      sampleEvery: 5,
      keepCheckpoints: 3,
      ...training,
    },
    engine: { device: "cpu", threads: 1 },
  };
}
