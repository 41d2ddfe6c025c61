/**
 * `export/discriminator.onnx`: written, read back, run by plain ONNX Runtime and compared, output
 * by output, with the same discriminator on the engine that trained it, before it gets its name.
 */

import { writeFileWhole } from "../../base/disk/files.node.ts";
import { randomStream } from "../../base/random.ts";
import { rotatePixels } from "../../data/decode/rotate.ts";
import type { Engine, TensorMap } from "../../engine/engine.ts";
import { openModel, type ShapedTensor } from "../../engine/sessions/model.node.ts";
import type { PretextDescription } from "../../objectives/pretext/description.ts";
import { taskOf } from "../../objectives/pretext/registry.ts";
import {
  DISCRIMINATOR_BATCH,
  discriminatorProgram,
  scoresClasses,
} from "../../objectives/programs/discriminator-program.ts";
import { exportDiscriminator } from "../../objectives/programs/export-discriminator.ts";
import { drawLabels, drawLatents, generate, imageShape } from "../sampling/samples.ts";
import { evaluationDistribution } from "../settings.ts";
import type { GeneratorSource } from "./generator.node.ts";
import { labelRange } from "./label-range.ts";
import { runMetadata } from "./metadata.node.ts";

/** How the outputs of two programs differ. */
export interface OutputComparison {
  readonly images: number;
  /** Outputs compared. */
  readonly outputs: readonly string[];
  /** Largest difference of an output, as a share of that output's largest value. */
  readonly largest: number;
}

/** A discriminator that was written and checked. */
export interface ExportedDiscriminator {
  readonly path: string;
  readonly bytes: number;
  readonly comparison: OutputComparison;
}

/** Batches tried: one image, an odd number, and the rest. */
const BATCHES = [1, 7, DISCRIMINATOR_BATCH - 8] as const;
/** Sums in another order, and Winograd's filtering on the training engine, stay well below this. */
const ALLOWED = 1e-3;

/**
 * Write a discriminator as an ONNX file. The engine must hold its state, and the generator's, which
 * makes the images of the comparison.
 * @param path the file; its folder is there. An earlier file is replaced only by one that passed
 * the comparison
 * @param maps whether to give out whole feature maps too
 * @throws UserError when the disk is full or the place not writable
 * @throws Error when the file says something else than the discriminator on the engine
 */
export async function writeDiscriminator(
  engine: Engine,
  source: GeneratorSource,
  path: string,
  name: string,
  maps = false,
): Promise<ExportedDiscriminator> {
  const discriminator = discriminatorProgram(source.config, engine.target, { features: 1 });
  const entries = discriminator.program.reads.map((binding) => binding.name);
  const state = await engine.readState(entries);
  const weights = {
    parameters: state["discriminator/parameters"]!,
    buffers: state["discriminator/buffers"],
  };
  const metadata = describeDiscriminator(source, name, discriminator.task);
  const model = await exportDiscriminator(source.config, weights, engine, metadata, { maps });

  const executable = await engine.compile(discriminator.program);
  try {
    const feeds = await checkImages(source);
    const expected = await executable.run(feeds);
    let comparison: OutputComparison | undefined;
    await writeFileWhole(path, model, async (written) => {
      comparison = await compareOutputs(
        written,
        feeds,
        expected,
        imageShape(source.sampler)[0],
        engine.threads,
      );
      if (!(comparison.largest <= ALLOWED))
        throw new Error(
          `The exported discriminator differs from the one that was trained: ${describeOutputs(comparison)}. It was not kept.`,
        );
    });
    return { path, bytes: model.length, comparison: comparison! };
  } finally {
    await executable.release();
  }
}

/** `score, rotation, … of 64 images within 0.0002 % of the trainer's` */
export function describeOutputs({ images, outputs, largest }: OutputComparison): string {
  const share = largest === 0 ? "equal to" : `within ${(100 * largest).toPrecision(1)} % of`;
  return `${outputs.length} outputs for ${images} images ${share} the trainer's`;
}

function describeDiscriminator(
  source: GeneratorSource,
  name: string,
  task: PretextDescription | undefined,
): Record<string, string> {
  const { config } = source;
  const { resolution } = config.data;
  const told = scoresClasses(config) ? `, labels int64 [batch], each from ${labelRange(config)}` : "";
  return {
    description:
      `Discriminator of a self-supervised GAN: images uint8 [batch, 3, ${resolution}, ${resolution}]${told} to score [batch], the real/fake logit` +
      `${task ? `, ${task.key} [batch, ${task.classNames.length}], logits of ${task.classes}` : ""}, and the mean of each block's map.`,
    scoreMeaning: `real/fake logit trained with the ${config.objective.loss} loss; higher is more real`,
    ...(taskOf(config.objective) && { pretextTask: config.objective.selfSupervision }),
    ...task?.metadata,
    ...runMetadata(source, name),
  };
}

/**
 * Images of the generator, three in four rotated, so that all the outputs have something to say.
 */
async function checkImages({ config, sampler, alias }: GeneratorSource): Promise<TensorMap> {
  const stream = randomStream(config.training.seed, "discriminator export check");
  const { classes, resolution } = config.data;
  const latents = drawLatents(
    stream,
    DISCRIMINATOR_BATCH,
    config.generator.latentSize,
    evaluationDistribution(config),
  );
  const labels = classes > 0 ? drawLabels(stream, DISCRIMINATOR_BATCH, classes) : undefined;
  const wantsLabels = sampler.program.feeds.some(({ name }) => name === "labels");
  const images = await generate(sampler, latents, alias, wantsLabels ? labels : undefined);
  const bytes = resolution * resolution * 3;
  for (let i = 0; i < DISCRIMINATOR_BATCH; i++)
    images.set(
      rotatePixels(images.subarray(i * bytes, (i + 1) * bytes), resolution, (i % 4) as 0 | 1 | 2 | 3),
      i * bytes,
    );
  return { images, ...(scoresClasses(config) && labels && { labels }) };
}

async function compareOutputs(
  path: string,
  { images, labels }: TensorMap,
  expected: TensorMap,
  side: number,
  threads: number,
): Promise<OutputComparison> {
  const file = await openModel(path, threads);
  try {
    const names = Object.keys(expected);
    const largest = Math.max(...names.map((name) => largestOf(expected[name] as Float32Array)));
    if (largest === 0)
      throw new Error("the discriminator says nothing but zeros, which compares with anything");
    let worst = 0;
    let first = 0;
    for (const count of BATCHES) {
      const pixels = (images as Uint8Array).subarray(
        first * side * side * 3,
        (first + count) * side * side * 3,
      );
      const outputs = await file.run({
        images: { dtype: "uint8", shape: [count, 3, side, side], data: toPlanes(pixels, side) },
        ...(labels && {
          labels: {
            dtype: "int64",
            shape: [count],
            data: (labels as BigInt64Array).slice(first, first + count),
          },
        }),
      });
      for (const name of names) {
        const all = expected[name] as Float32Array;
        const width = all.length / DISCRIMINATOR_BATCH;
        const theirs = all.subarray(first * width, (first + count) * width);
        const scale = largestOf(all);
        worst = Math.max(
          worst,
          furthest(outputs[name]?.data, theirs, name) / Math.max(scale, Number.MIN_VALUE),
        );
        const map = outputs[`${name}_map`];
        if (map) worst = Math.max(worst, furthest(meansOf(map, width), theirs, `${name}_map`) / scale);
      }
      first += count;
    }
    return { images: DISCRIMINATOR_BATCH, outputs: names, largest: worst };
  } finally {
    await file.close();
  }
}

/** Largest difference between what the file gives and what it should give. */
function furthest(mine: unknown, theirs: Float32Array, name: string): number {
  if (!(mine instanceof Float32Array) || mine.length !== theirs.length)
    throw new Error(`the exported discriminator has no float32 output ${name} of ${theirs.length} numbers`);
  return mine.reduce((max, value, i) => Math.max(max, Math.abs(value - theirs[i]!)), 0);
}

/** Maps [N, C, H, W] → means [N · C]. */
function meansOf({ data, shape }: ShapedTensor, channels: number): Float32Array {
  const area = data.length / (shape[0]! * channels);
  const maps = data as Float32Array;
  return Float32Array.from({ length: shape[0]! * channels }, (_, i) => {
    let sum = 0;
    for (let k = i * area; k < (i + 1) * area; k++) sum += maps[k]!;
    return sum / area;
  });
}

const largestOf = (values: Float32Array): number =>
  values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);

/** Pixels [N, S, S, 3] as planes [N, 3, S, S]. */
export function toPlanes(pixels: Uint8Array, side: number): Uint8Array {
  const area = side * side;
  const planes = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const [image, place, channel] = [Math.floor(i / (3 * area)), Math.floor(i / 3) % area, i % 3];
    planes[(image * 3 + channel) * area + place] = pixels[i]!;
  }
  return planes;
}
