/**
 * Runs an online study in a folder: `config.json`, `accuracy.jsonl`, `state.safetensors`. It can be
 * stopped at any moment and goes on from the last saved state, bit for bit as if it had not been
 * stopped.
 */

import { join } from "node:path";
import { z } from "zod";
import { writeFileWhole } from "../../base/disk/files.node.ts";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { MAX_JSON_BYTES, readIfThere } from "../../base/disk/regular.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { type RandomState, randomStream, restoreStream } from "../../base/random.ts";
import { checkedJson, damagedContent } from "../../base/schema.ts";
import type { Engine, Executable, TensorMap } from "../../engine/engine.ts";
import { cutMetrics } from "../../training/evaluation/metrics.node.ts";
import { biasCorrected } from "../../training/loop/schedule.ts";
import { randomStateSchema } from "../../training/run/checkpoint/checkpoint-schema.ts";
import { lockFolder } from "../../training/run/folder/lock.node.ts";
import { decodeSafetensors, encodeSafetensors } from "../../training/safetensors.ts";
import { appendLine, readLines } from "../record-files.ts";
import { accuracyOn, linearReadOut } from "./accuracy.ts";
import { buildOnline } from "./programs.ts";
import { type AccuracyLine, accuracyLineSchema } from "./record.ts";
import { measuredAt, type OnlineSettings, taskAt, totalIterations } from "./settings.ts";
import { drawNaturalBatch, drawTaskBatch, type LabeledImages, memberships, testBatch } from "./tasks.ts";

/** What a study needs. */
export interface OnlineRun {
  readonly dir: string;
  readonly settings: OnlineSettings;
  readonly engine: Engine;
  readonly train: LabeledImages;
  readonly test: LabeledImages;
  /** Content of the images, so that a study is not continued on others. */
  readonly dataHash: string;
  /** Aborting saves and ends. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((step: number, total: number, line: AccuracyLine | undefined) => void) | undefined;
}

/** Where a study has got to. */
interface Progress {
  readonly step: number;
  readonly stream: RandomState;
}

const SAVE_EVERY = 500;

/**
 * Run a study, or go on with it.
 * @returns all measurements and whether the study is complete
 * @throws UserError when the folder holds a study with other settings or other images, or is in use
 */
export async function runOnline(run: OnlineRun): Promise<{ lines: AccuracyLine[]; finished: boolean }> {
  const { dir, settings, engine, train, signal } = run;
  const { variation = {} } = settings;
  await makeFolder(dir);
  const lock = await lockFolder(dir);
  const open: Executable[] = [];
  try {
    await checkConfig(dir, { settings, data: run.dataHash });
    const programs = buildOnline(settings, engine.target);
    const step = await engine.compile(programs.step);
    open.push(step);
    const predictor = await engine.compile(programs.predictor);
    open.push(predictor);

    const classes = memberships(train);
    const total = totalIterations(settings, classes.length);
    const initial = programs.initialState(settings.seed);
    const entries = Object.keys(initial);
    const saved = await readState(
      dir,
      Object.fromEntries(entries.map((name) => [name, initial[name]!.length])),
    );
    const stream = saved
      ? restoreStream(saved.progress.stream)
      : randomStream(settings.seed, "online batches");
    await engine.writeState(saved?.state ?? initial);
    let done = saved?.progress.step ?? 0;
    const path = join(dir, "accuracy.jsonl");
    await cutMetrics(path, saved ? done : -1);

    const tests = memberships(run.test).map((membership) =>
      testBatch(run.test, membership, settings.testImages),
    );
    let last: TensorMap = {};
    const readOut = async (task: number): Promise<number> =>
      linearReadOut(engine, predictor, tests[task]!, testBatch(train, classes[task]!, settings.readOut!), {
        ...{ side: train.size, seed: settings.seed },
      });
    const measure = async (task: number, at: number, moment: AccuracyLine["moment"]): Promise<void> => {
      const line: AccuracyLine = {
        kind: "accuracy",
        step: done,
        task,
        cycle: Math.floor(at / (settings.taskIterations * classes.length)),
        moment,
        accuracy: await accuracyOn(tests[task]!, predictor, run.test.size),
        ...(last.rotationAccuracy && { rotationAccuracy: last.rotationAccuracy[0] as number }),
        ...(last.accuracy && { batchAccuracy: last.accuracy[0] as number }),
        ...(moment === "switch" && settings.readOut !== undefined && { readOut: await readOut(task) }),
      };
      await appendLine(path, line);
      run.onProgress?.(done, total, line);
    };
    const save = async (): Promise<void> => {
      const state = await engine.readState(entries);
      await writeState(dir, { step: done, stream: stream.save() }, state);
    };

    if (done === 0) await measure(taskAt(settings, classes.length, 0), 0, "switch");
    while (done < total && !signal?.aborted) {
      const task = taskAt(settings, classes.length, done);
      const batch = variation.naturalBalance
        ? drawNaturalBatch(train, task, settings.batchSize, stream)
        : drawTaskBatch(train, classes[task]!, settings.batchSize, stream);
      const rate =
        variation.momentum === undefined
          ? biasCorrected(settings.learningRate, settings.beta1, settings.beta2, done + 1)
          : settings.learningRate;
      last = await step.run({ ...batch, learningRate: Float32Array.of(rate) });
      if (!Number.isFinite(last.loss![0]))
        throw new UserError(
          `The loss became ${last.loss![0]} at iteration ${done + 1}.`,
          "Lower the learning rate.",
        );
      done++;
      const boundary = done % settings.taskIterations === 0;
      const moment = measuredAt(settings, ((done - 1) % settings.taskIterations) + 1);
      if (moment) await measure(task, done - 1, moment);
      if (boundary && done < total) {
        if (variation.freshHead) {
          const state = await engine.readState(entries);
          await engine.writeState(programs.withFreshHead(state, settings.seed + done));
        }
        await measure(taskAt(settings, classes.length, done), done, "switch");
      }
      run.onProgress?.(done, total, undefined);
      if (done % SAVE_EVERY === 0 || done === total) await save();
    }
    if (done < total && done > (saved?.progress.step ?? 0)) await save();
    return { lines: await readLines(path, accuracyLineSchema), finished: done >= total };
  } finally {
    await Promise.allSettled(open.map((executable) => executable.release()));
    await lock.release();
  }
}

/** A folder holds one study. */
async function checkConfig(dir: string, config: object): Promise<void> {
  const path = join(dir, "config.json");
  const text = `${JSON.stringify(config, null, 2)}\n`;
  const before = await readIfThere(path, { max: MAX_JSON_BYTES, what: "a configuration" });
  if (before === undefined) return writeFileWhole(path, text);
  if (before.toString("utf8") !== text)
    throw new UserError(
      `${dir} holds a study with other settings or other images.`,
      `Give another folder with ${option("out")}, or delete this one to begin again.`,
    );
}

const STATE = "state.safetensors";
const MAX_STATE_BYTES = 4_000_000_000;
const progressSchema = z.object({ step: z.int().min(0), stream: randomStateSchema });

async function writeState(
  dir: string,
  progress: Progress,
  state: Readonly<Record<string, Float32Array>>,
): Promise<void> {
  const tensors = new Map(
    Object.entries(state).map(([name, data]) => [name, { shape: [data.length], data }] as const),
  );
  const pieces = encodeSafetensors(tensors, { progress: JSON.stringify(progress) });
  await writeFileWhole(join(dir, STATE), Buffer.concat(pieces));
}

/** @param expected how long each part of the state is, by name */
async function readState(
  dir: string,
  expected: Readonly<Record<string, number>>,
): Promise<{ progress: Progress; state: Record<string, Float32Array> } | undefined> {
  const path = join(dir, STATE);
  const bytes = await readIfThere(path, { max: MAX_STATE_BYTES, what: "the state of a study" });
  if (!bytes) return undefined;
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  const checked = { where: path, hint: "Restore it, or delete the folder to begin again." };
  const progress = checkedJson(progressSchema, metadata.progress ?? "", checked);
  const state: Record<string, Float32Array> = {};
  for (const [name, length] of Object.entries(expected)) {
    const data = tensors.get(name)?.data;
    if (!(data instanceof Float32Array) || data.length !== length)
      throw damagedContent(checked, `it has no ${name} of ${length} numbers`);
    state[name] = data;
  }
  return { progress, state };
}
