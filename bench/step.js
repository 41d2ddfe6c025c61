/**
 * Our side of the measurement, in a process of its own: training steps as the loop runs them (its feeds, the engine in its
 * worker thread), from the built package and without a TypeScript loader, so that time and memory are those of a user's process.
 *
 *     node bench/step.js '{"settings": …, "warmup": 1, "repeats": 3, "threads": 0}'
 *
 * Prints one JSON line.
 */
import { randomStream } from "../dist/base/random.js";
import { batches, memoryStore } from "../dist/data/index.node.js";
import { residentMemory } from "../dist/engine/cpu.node.js";
import { createEngine } from "../dist/engine/node.node.js";
import { buildSteps } from "../dist/objectives/build.js";
import { openStreams } from "../dist/training/draws.js";
import { runUpdates } from "../dist/training/update.js";

const { settings, warmup, repeats, threads } = JSON.parse(process.argv[2]);
const { resolution } = settings.data;
const config = {
  ...settings,
  generator: { ...settings.generator, latentDistribution: "normal" },
  objective: { ...settings.objective, alpha: 0.2, alphaEnd: null, beta: 1, betaEnd: null, lambda: 1 },
  optimizer: { ...settings.optimizer, learningRate: 2e-4, discriminatorLearningRate: null, decay: "none" },
  training: { ...settings.training, steps: 1e6, discIters: 1, ema: 0.999, emaStart: 0 },
};

const engine = await createEngine({ device: "cpu", threads });

// Where compiling spends its time; `inspect` splits what is one call.
const compile = { trace: 0, rewrite: 0, emit: 0, session: 0 };
let last = performance.now();
const lap = (part) => {
  const now = performance.now();
  compile[part] += (now - last) / 1000;
  last = now;
};
const parts = { traced: "trace", optimised: "rewrite", written: "emit" };
const steps = buildSteps(settings, { ...engine.target, inspect: (stage) => lap(parts[stage]) });
last = performance.now();
const [discriminatorStep, generatorStep] = await engine.compileTogether([
  steps.discriminatorStep,
  steps.generatorStep,
  steps.sampler,
]);
lap("session");
const writeInitialState = async () => {
  const state = steps.initialState(1);
  const size = (name) => state[`${name}/parameters`].length;
  const parameters = { generator: size("generator"), discriminator: size("discriminator") };
  await engine.writeState(state, { give: true });
  return parameters;
};
const parameters = await writeInitialState();

const random = randomStream(1, "bench");
const count = 4 * settings.training.batchSize;
const images = Uint8Array.from({ length: count * resolution ** 2 * 3 }, () => random.integer(256));
const store = memoryStore({ images, size: resolution, hash: "bench" });
const sources = {
  config,
  discriminatorStep,
  generatorStep,
  batches: batches(store, settings.training.batchSize, 1),
  draws: steps.draws,
  streams: openStreams(steps.draws, 1),
};
const seconds = [];
let updates = { generator: 0, discriminator: 0 };
let results;
for (let step = 0; step < warmup + repeats; step++) {
  const started = performance.now();
  results = await runUpdates(sources, step, updates);
  updates = results.updates;
  if (step >= warmup) seconds.push((performance.now() - started) / 1000);
}
const { description, target } = engine;
await engine.close();
console.log(
  JSON.stringify({
    seconds,
    peakMemoryMB: residentMemory().peak / 2 ** 20,
    compileSeconds: compile,
    engine: description,
    block: target.block,
    parameters,
    loss: { discriminator: results.discriminator.loss, generator: results.generator.loss },
  }),
);
