/**
 * Trains the feature network on CIFAR-10 with this project's own engine, and writes it as ONNX.
 *
 *     npx tsx scripts/features/train.ts cifar10:PATH --work FOLDER [--out assets/features/resnet20-cifar10.onnx]
 *
 * After every epoch a checkpoint goes to FOLDER; the same command again continues behind the last
 * whole epoch, or, when all are done, writes the ONNX file once more.
 */
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { writeFileWhole } from "../../src/base/disk/files.node.ts";
import { UserError } from "../../src/base/errors.ts";
import { type ImageStore, openData } from "../../src/data/index.node.ts";
import type { Engine, Executable } from "../../src/engine/engine.ts";
import { createEngine } from "../../src/engine/node.node.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/training/safetensors.ts";
import { epochBatches, plainBatch } from "./augment.ts";
import { exportNetwork } from "./export.ts";
import { epochsOf, learningRateAt, PLAN, sideIn } from "./plan.ts";
import { initialState, testStep, trainingStep } from "./step.ts";

const STATE = ["parameters", "velocity", "buffers"] as const;
const TEST_BATCH = 200;
/** Test images looked at after each epoch, to see that all is well; all 10,000 at the end. */
const GLIMPSE = 2000;

interface Job {
  readonly engine: Engine;
  readonly train: ImageStore;
  readonly test: ImageStore;
  readonly folder: string;
  readonly out: string | undefined;
}

const checkpointPath = (folder: string): string => join(folder, "checkpoint.safetensors");

/** Puts the newest checkpoint, or a fresh network, into the engine. @returns epochs done */
async function begin({ engine, folder }: Job): Promise<number> {
  const path = checkpointPath(folder);
  if (!existsSync(path)) {
    await engine.writeState(initialState(PLAN.seed));
    return 0;
  }
  const { tensors, metadata } = decodeSafetensors(await readFile(path), path);
  if (metadata.plan !== JSON.stringify(PLAN))
    throw new UserError(`${path} was made under another plan.`, "Give another --work folder.");
  await engine.writeState(
    Object.fromEntries(STATE.map((name) => [name, tensors.get(name)!.data as Float32Array])),
  );
  return Number(metadata.epochs);
}

async function save({ engine, folder }: Job, epochs: number): Promise<void> {
  const state = await engine.readState(STATE);
  const tensors = new Map(STATE.map((name) => [name, { shape: [state[name]!.length], data: state[name]! }]));
  const pieces = encodeSafetensors(tensors, { plan: JSON.stringify(PLAN), epochs: String(epochs) });
  await writeFileWhole(checkpointPath(folder), Buffer.concat(pieces));
}

/** One epoch. @returns mean loss and share of right guesses on the crops it was trained on */
async function trainEpoch(step: Executable, job: Job, epoch: number): Promise<Record<string, number>> {
  const side = sideIn(PLAN, epoch);
  const steps = Math.floor(job.train.count / PLAN.batchSize);
  let [done, loss, right] = [0, 0, 0];
  for (const batch of epochBatches(job.train, PLAN.batchSize, side, PLAN.seed, epoch)) {
    const progress = (epoch + done / steps) / epochsOf(PLAN);
    const results = await step.run({
      ...batch,
      learningRate: Float32Array.of(learningRateAt(PLAN, progress)),
    });
    loss += results.loss![0] as number;
    right += results.right![0] as number;
    done++;
    if (!Number.isFinite(loss)) throw new Error(`epoch ${epoch}, step ${done}: the loss is ${loss}`);
  }
  return { loss: loss / done, accuracy: right / (done * PLAN.batchSize) };
}

/** @returns the share of right guesses among the first `count` test images */
async function test(step: Executable, store: ImageStore, count: number): Promise<number> {
  let right = 0;
  for (let first = 0; first < count; first += TEST_BATCH)
    right += (await step.run({ ...plainBatch(store, first, TEST_BATCH) })).right![0] as number;
  return right / count;
}

async function run(job: Job): Promise<void> {
  const { engine, folder } = job;
  const log = async (entry: Record<string, unknown>): Promise<void> => {
    const line = JSON.stringify(entry);
    console.log(line);
    await appendFile(join(folder, "log.jsonl"), `${line}\n`);
  };
  const testing = await engine.compile(testStep(TEST_BATCH, job.test.size, engine.target));
  let training: { side: number; step: Executable } | undefined;
  const total = epochsOf(PLAN);
  for (let epoch = await begin(job); epoch < total; epoch++) {
    const side = sideIn(PLAN, epoch);
    if (training?.side !== side) {
      await training?.step.release();
      const program = trainingStep(PLAN.batchSize, side, PLAN, engine.target);
      training = { side, step: await engine.compile(program) };
    }
    const start = performance.now();
    const numbers = await trainEpoch(training.step, job, epoch);
    await save(job, epoch + 1);
    const testAccuracy = await test(testing, job.test, epoch + 1 === total ? job.test.count : GLIMPSE);
    const seconds = Math.round((performance.now() - start) / 1000);
    await log({ epoch: epoch + 1, side, ...numbers, testAccuracy, seconds });
  }
  if (job.out === undefined) return;
  await mkdir(dirname(job.out), { recursive: true });
  await writeFileWhole(job.out, await exportNetwork(engine, total));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { work: { type: "string" }, out: { type: "string" }, threads: { type: "string" } },
  });
  const [source] = positionals;
  if (source === undefined || values.work === undefined)
    throw new UserError("Usage: npx tsx scripts/features/train.ts cifar10:PATH --work FOLDER [--out FILE]");
  await mkdir(values.work, { recursive: true });
  const open = (split: "train" | "test"): Promise<ImageStore> =>
    openData({ source, resolution: 32, split, preprocessing: "centre-crop" });
  const [train, held] = [await open("train"), await open("test")];
  const engine = await createEngine({ device: "cpu", threads: Number(values.threads ?? 0) });
  try {
    await run({ engine, train, test: held, folder: values.work, out: values.out });
  } finally {
    await engine.close();
  }
}

await main();
