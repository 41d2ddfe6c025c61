/** Run folders for tests, with records as training writes them. */
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The line of a step, with numbers that follow from it. */
export function stepLine(step: number, time = 1_000_000 + 100 * step): string {
  const wave = Math.sin(step / 50);
  return `${JSON.stringify({
    kind: "step",
    step,
    discriminator: {
      loss: 2 + wave,
      lossReal: 1 + wave / 2,
      lossFake: 1 + wave / 2,
      real: 0.6 + wave / 10,
      fake: 0.4 - wave / 10,
      rotationLossReal: 1.2 - step / 1e6,
      rotationAccuracyReal: 0.5 + wave / 5,
    },
    generator: {
      loss: -wave,
      lossAdversarial: -wave,
      fake: 0.4,
      rotationLossFake: 1.3,
      rotationAccuracyFake: 0.4,
    },
    learningRate: 0.0002,
    time,
    stepSeconds: 0.1,
    imagesPerSecond: 640,
  })}\n`;
}

/** A record's line of a grid of samples. */
export const sampleLine = (step: number): string =>
  `${JSON.stringify({ kind: "sample", step, file: `samples/${String(step).padStart(7, "0")}.png`, diversity: 0.8 })}\n`;
/** A record's line of a measurement. */
export const evaluationLine = (step: number, fid: number, more: object = {}): string =>
  `${JSON.stringify({
    ...{ kind: "evaluation", step, weights: "averaged", protocol: "paper" },
    features: { name: "net", hash: "f", dimensions: 64 },
    reference: { data: "emoji", hash: "d", split: "test", count: 200, of: 200 },
    generated: { count: 500, quantisation: "float" },
    resize: { from: 32, to: 32, method: "none" },
    kidSampling: { kind: "blocks", size: 50 },
    ...{ inceptionScoreSplits: 10, repeats: 1, warnings: [] },
    metrics: { fid: { mean: fid, deviation: null, values: [fid] } },
    ...more,
  })}\n`;

/** Lines of steps `first` … `last`. */
export function steps(first: number, last: number): string {
  const lines: string[] = [];
  for (let step = first; step <= last; step++) lines.push(stepLine(step));
  return lines.join("");
}

/** Make a run folder. @returns it */
export async function makeRun(root: string, id: string, record: string, total = 1000): Promise<string> {
  const dir = join(root, id);
  await mkdir(join(dir, "samples"), { recursive: true });
  await writeFile(
    join(dir, "config.json"),
    JSON.stringify({
      objective: {
        selfSupervision: "rotation",
        alpha: 0.2,
        alphaEnd: null,
        beta: 1,
        betaEnd: null,
        penalty: "none",
        lambda: 0,
      },
      optimizer: { learningRate: 0.0002, discriminatorLearningRate: null },
      training: { steps: total, batchSize: 64, discIters: 1 },
    }),
  );
  await writeFile(join(dir, "metrics.jsonl"), record);
  return dir;
}

/** Add to the record of a run. */
export const append = (dir: string, lines: string): Promise<void> =>
  appendFile(join(dir, "metrics.jsonl"), lines);
