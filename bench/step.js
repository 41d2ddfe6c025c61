/**
 * Our side of the measurement, in a process of its own: training steps as the loop runs them (its
 * feeds, the engine in its worker thread), from the built package and without a TypeScript loader,
 * so that time and memory are those of a user's process.
 *
 *     node bench/step.js '{"settings": …, "warmup": 1, "repeats": 3, "threads": 0, "precision": "float32"}'
 *
 * With "profile": "PREFIX" the engine writes profiles. With "record": "FILE" the first weights and
 * the feeds of all steps go into a safetensors file, so that another program can repeat them.
 * Prints one JSON line.
 */
import { writeFile } from "node:fs/promises";
import { randomStream } from "../dist/base/random.js";
import { batches, memoryStore } from "../dist/data/index.node.js";
import { residentMemory } from "../dist/engine/devices/cpu.node.js";
import { createEngine } from "../dist/engine/node.node.js";
import { toOnnx } from "../dist/graph/onnx/program.js";
import { buildSteps } from "../dist/objectives/build.js";
import { openStreams } from "../dist/training/loop/draws.js";
import { runUpdates } from "../dist/training/loop/update.js";
import { nameState } from "../dist/training/run/weights.js";
import { encodeSafetensors } from "../dist/training/safetensors.js";

const {
  settings,
  warmup,
  repeats,
  threads,
  record,
  device = "cpu",
  precision,
  profile,
} = JSON.parse(process.argv[2]);
const { resolution } = settings.data;
const config = {
  ...settings,
  generator: { ...settings.generator, latentDistribution: "normal" },
  objective: { ...settings.objective, alpha: 0.2, alphaEnd: null, beta: 1, betaEnd: null, lambda: 1 },
  optimizer: { ...settings.optimizer, learningRate: 2e-4, discriminatorLearningRate: null, decay: "none" },
  training: { ...settings.training, steps: 1e6, discIters: 1, ema: 0.999, emaStart: 0 },
};

const engine = await createEngine({ device, threads, precision, ...(profile && { profile }) });

// Where compiling spends its time; `inspect` splits what is one call.
const compile = { trace: 0, rewrite: 0, emit: 0, session: 0 };
let last = performance.now();
const lap = (part) => {
  const now = performance.now();
  compile[part] += (now - last) / 1000;
  last = now;
};
const parts = { traced: "trace", optimized: "rewrite" };
const steps = buildSteps(settings, { ...engine.target, inspect: (stage) => lap(parts[stage]) });
const programs = [steps.discriminatorStep, steps.generatorStep, steps.sampler];
// Serializing is a part of making the session: measured by doing it once more.
last = performance.now();
for (const program of programs) if (program.code.provider === "cpu") toOnnx(program);
lap("emit");
const [discriminatorStep, generatorStep] = await engine.compileTogether(programs);
lap("session");
compile.session -= compile.emit;
const recorded = new Map();
const writeInitialState = async () => {
  const state = steps.initialState(1);
  const size = (name) => state[`${name}/parameters`].length;
  const parameters = { generator: size("generator"), discriminator: size("discriminator") };
  if (record)
    for (const [name, { shape, data }] of nameState(state, steps.layout).weights)
      recorded.set(name, { shape, data: data.slice() });
  await engine.writeState(state, { give: true });
  return parameters;
};
const parameters = await writeInitialState();

const random = randomStream(1, "bench");
const count = 4 * settings.training.batchSize;
const images = Uint8Array.from({ length: count * resolution ** 2 * 3 }, () => random.integer(256));
const store = memoryStore({ images, size: resolution, hash: "bench" });
/**
 * An executable that remembers what it is fed with: `images/STEP`, `images/generator/STEP`,
 * `latents/NETWORK/STEP`, `mixing/STEP`.
 */
const recording = (executable, network) => {
  let step = 0;
  const run = (feeds, alias) => {
    for (const { name, shape } of executable.program.feeds) {
      const key = {
        // The generator's step, where it is shown images, is shown others.
        images: network === "generator" ? `images/generator/${step}` : `images/${step}`,
        latents: `latents/${network}/${step}`,
        mixing: `mixing/${step}`,
      }[name];
      if (key) recorded.set(key, { shape, data: feeds[name].slice() });
    }
    step++;
    return executable.run(feeds, alias);
  };
  return { ...executable, run };
};
const sources = {
  config,
  discriminatorStep: record ? recording(discriminatorStep, "discriminator") : discriminatorStep,
  generatorStep: record ? recording(generatorStep, "generator") : generatorStep,
  batches: batches(store, settings.training.batchSize, 1),
  draws: steps.draws,
  streams: openStreams(steps.draws, 1),
};
const seconds = [];
const losses = [];
let updates = { generator: 0, discriminator: 0 };
for (let step = 0; step < warmup + repeats; step++) {
  const started = performance.now();
  const { discriminator, generator, ...rest } = await runUpdates(sources, step, updates);
  updates = rest.updates;
  losses.push({ discriminator: discriminator.loss, generator: generator.loss });
  if (step >= warmup) seconds.push((performance.now() - started) / 1000);
}
const { description, target } = engine;
// Before its process, if it has one, is gone.
const { peak } = residentMemory(engine.process);
await engine.close();
if (record) await writeFile(record, encodeSafetensors(recorded));
console.log(
  JSON.stringify({
    seconds,
    peakMemoryMB: peak / 2 ** 20,
    compileSeconds: compile,
    engine: description,
    block: target.block,
    parameters,
    losses,
  }),
);
