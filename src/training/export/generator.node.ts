/**
 * `export/generator.onnx`: written, read back, run by plain ONNX Runtime and compared with the
 * trainer's own sampler before it gets its name. A model under that name is therefore one that was
 * seen to make the same images.
 */

import { join } from "node:path";
import { makeFolderOf, writeFileWhole } from "../../base/disk/files.node.ts";
import { randomStream } from "../../base/random.ts";
import { formatCount } from "../../base/text/format/index.ts";
import type { Engine, Executable } from "../../engine/engine.ts";
import { type OnnxFile, openModel } from "../../engine/sessions/model.node.ts";
import { exportGenerator } from "../../objectives/programs/export.ts";
import { drawLabels, drawLatents, generate, imageShape } from "../sampling/samples.ts";
import { evaluationDistribution } from "../settings.ts";
import { type ExportedRun, runMetadata } from "./metadata.node.ts";

/** A generator whose weights the engine holds. */
export interface GeneratorSource extends ExportedRun {
  /** Whether the weights are the moving average. */
  readonly averaged: boolean;
  readonly sampler: Executable;
  /** State names to be given with every run of `sampler`. */
  readonly alias: Readonly<Record<string, string>>;
}

/** How the images of two programs differ, in gray levels 0…255. */
export interface Comparison {
  readonly images: number;
  /** Values compared: images × 3 × S × S. */
  readonly values: number;
  readonly different: number;
  readonly largest: number;
}

/** A file that was written and checked. */
export interface ExportedModel {
  readonly path: string;
  readonly bytes: number;
  readonly comparison: Comparison;
}

/** Batches tried: one image, an odd number, and as many as the sampler makes at once less those. */
const BATCHES = [1, 7, 56] as const;
/** How people write where latents are drawn from. */
export const DISTRIBUTIONS = { normal: "N(0, 1)", uniform: "U(-1, 1)" } as const;
/** Two programs that round the same numbers may fall on two sides of a half. */
const ALLOWED = 1;

/** Where a run's exported generator lies. */
export const generatorPath = (run: string): string => join(run, "export", "generator.onnx");

/**
 * Write a generator as an ONNX file.
 * @param path the file; its folder is made. An earlier file is replaced only by one that passed the
 * comparison
 * @param name what to call it in the file, for example the run's name
 * @throws UserError when the disk is full or the place not writable
 * @throws Error when the file makes other images than the sampler
 */
export async function writeGenerator(
  engine: Engine,
  source: GeneratorSource,
  path: string,
  name: string,
): Promise<ExportedModel> {
  const parameters = source.alias["generator/parameters"] ?? "generator/parameters";
  const hasBuffers = source.sampler.program.reads.some((binding) => binding.name === "generator/buffers");
  const buffers = source.alias["generator/buffers"] ?? "generator/buffers";
  const state = await engine.readState([parameters, ...(hasBuffers ? [buffers] : [])]);
  const model = await exportGenerator(
    source.config,
    { parameters: state[parameters]!, buffers: state[buffers] },
    engine,
    describeGenerator(source, name),
  );

  await makeFolderOf(path);
  let comparison: Comparison | undefined;
  await writeFileWhole(path, model, async (written) => {
    comparison = await compareWithSampler(written, source, engine.threads);
    if (comparison.largest > ALLOWED)
      throw new Error(
        `The exported generator makes other images than the sampler: ${describeComparison(comparison)}. It was not kept.`,
      );
  });
  return { path, bytes: model.length, comparison: comparison! };
}

/** `same images as the sampler: 12 of 196,608 values differ, by 1 gray level` */
export function describeComparison({ images, values, different, largest }: Comparison): string {
  const levels = largest === 1 ? "1 gray level" : `up to ${largest} gray levels`;
  return different === 0
    ? `${images} images equal the sampler's`
    : `of ${images} images, ${formatCount(different)} of ${formatCount(values)} values differ from the sampler's, by ${levels}`;
}

/** What a reader of the file is shown. */
function describeGenerator(source: GeneratorSource, name: string): Record<string, string> {
  const { config, averaged } = source;
  const { latentSize, statistics } = config.generator;
  const { resolution, classes } = config.data;
  const latentDistribution = evaluationDistribution(config);
  const distribution = DISTRIBUTIONS[latentDistribution];
  const labels = classes > 0 ? ` and labels int64 [batch], each from 0 to ${classes - 1},` : "";
  return {
    description: `Generator of a self-supervised GAN: z float32 [batch, ${latentSize}], each number from ${distribution},${labels} to images uint8 [batch, 3, ${resolution}, ${resolution}].`,
    latentSize: String(latentSize),
    latentDistribution,
    truncation: "none: z is used as it is given",
    weights: averaged ? "averaged" : "latest",
    statistics,
    ...runMetadata(source, name),
  };
}

async function compareWithSampler(
  path: string,
  { config, sampler, alias }: GeneratorSource,
  threads: number,
): Promise<Comparison> {
  const { latentSize } = config.generator;
  const images = BATCHES.reduce<number>((sum, n) => sum + n, 0);
  const stream = randomStream(config.training.seed, "export check");
  const latents = drawLatents(stream, images, latentSize, evaluationDistribution(config));
  const { classes } = config.data;
  const labels = classes > 0 ? drawLabels(stream, images, classes) : undefined;
  const expected = await generate(sampler, latents, alias, labels);
  const file = await openModel(path, threads);
  try {
    const actual = await runInBatches(file, latents, latentSize, labels);
    return { images, ...difference(actual, expected, imageShape(sampler)[0] ** 2) };
  } finally {
    await file.close();
  }
}

/** Run the model in batches of different sizes. @returns uint8 [N, 3, S, S] */
async function runInBatches(
  file: OnnxFile,
  latents: Float32Array,
  size: number,
  labels: BigInt64Array | undefined,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let first = 0;
  for (const count of BATCHES) {
    const data = latents.slice(first * size, (first + count) * size);
    const classes = labels && {
      labels: { dtype: "int64" as const, shape: [count], data: labels.slice(first, first + count) },
    };
    const { images } = await file.run({ z: { dtype: "float32", shape: [count, size], data }, ...classes });
    if (images?.dtype !== "uint8")
      throw new Error("the exported generator has no uint8 output called images");
    parts.push(images.data as Uint8Array);
    first += count;
  }
  return Buffer.concat(parts);
}

/** Compare planes [N, 3, S, S] with pixels [N, S, S, 3] of `area` = S · S. */
function difference(
  planes: Uint8Array,
  pixels: Uint8Array,
  area: number,
): Pick<Comparison, "values" | "different" | "largest"> {
  if (planes.length !== pixels.length)
    throw new Error(`the exported generator made ${planes.length} values instead of ${pixels.length}`);
  let [different, largest] = [0, 0];
  for (let i = 0; i < pixels.length; i++) {
    const [image, place, channel] = [Math.floor(i / (3 * area)), Math.floor(i / 3) % area, i % 3];
    const distance = Math.abs(pixels[i]! - planes[(image * 3 + channel) * area + place]!);
    if (distance > 0) different++;
    if (distance > largest) largest = distance;
  }
  return { values: pixels.length, different, largest };
}
