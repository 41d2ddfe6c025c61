/** The files that a run can be handed over as. A new one is an entry here. */

import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolderOf, writeFileWhole } from "../../base/disk/files.node.ts";
import { randomStream } from "../../base/random.ts";
import { formatBytes } from "../../base/text/format/index.ts";
import type { Engine } from "../../engine/engine.ts";
import { networkLayout } from "../../objectives/programs/initial-state.ts";
import { reproduce } from "../config/reproduce.node.ts";
import type { EvaluationEvent } from "../events.ts";
import { currentVersions } from "../run/record/environment.node.ts";
import { encodePng } from "../sampling/images.node.ts";
import { drawLatents, generate, gridLabels, imageGrid } from "../sampling/samples.ts";
import { evaluationDistribution } from "../settings.ts";
import { browserRuntime } from "./browser-runtime.node.ts";
import { modelCard } from "./card.ts";
import { describeOutputs, writeDiscriminator } from "./discriminator.node.ts";
import { exampleHtml } from "./example.ts";
import { describeComparison, type GeneratorSource, writeGenerator } from "./generator.node.ts";
import { runMetadata, withoutPlace, withoutPlaces } from "./metadata.node.ts";
import { describeTensors, exportableWeights, type NamedTensors, writeWeights } from "./weights.node.ts";

/** What all files are made from. The engine holds the state of both networks. */
export interface ExportContext {
  readonly engine: Engine;
  readonly source: GeneratorSource;
  /** What to call the model: the run's name. */
  readonly name: string;
  /** As a checkpoint names them. */
  readonly weights: NamedTensors;
  /** Of this step or the nearest before it. */
  readonly evaluations: readonly EvaluationEvent[];
  /** Whether the discriminator gives out whole maps. */
  readonly maps: boolean;
  /** For the card: an identifier of the Hugging Face hub. */
  readonly license: string;
}

/** A file that was written and, where it has numbers, checked. */
export interface ExportedFile {
  readonly part: ExportPart;
  readonly path: string;
  readonly bytes: number;
  /** What was found when it was loaded again. */
  readonly check: object | undefined;
  /** The same for people. */
  readonly note: string;
  /** One line on what it is. */
  readonly what: string;
}

interface PartDefinition {
  /** Its name in the folder. */
  readonly file: string;
  readonly what: string;
  /** @param made what has been written before it, in this call */
  write(
    context: ExportContext,
    path: string,
    made: readonly ExportedFile[],
  ): Promise<{ readonly bytes: number; readonly check?: object; readonly note?: string }>;
}

/**
 * The generator's file where it is not written for itself.
 * @param beside where there is place for it meanwhile
 */
async function generatorBytes(
  engine: Engine,
  source: GeneratorSource,
  beside: string,
  name: string,
): Promise<Uint8Array> {
  const path = `${beside}.onnx`;
  try {
    await writeGenerator(engine, source, path, name);
    return await readFile(path);
  } finally {
    await rm(path, { force: true });
  }
}

/** Parts by the names users give them, in the order in which they are made. */
export const EXPORT_PARTS = {
  generator: {
    file: "generator.onnx",
    what: "the generator, ONNX, any batch size",
    async write({ engine, source, name }, path) {
      const { bytes, comparison } = await writeGenerator(engine, source, path, name);
      return { bytes, check: comparison, note: describeComparison(comparison) };
    },
  },
  discriminator: {
    file: "discriminator.onnx",
    what: "the discriminator, ONNX, any batch size: real/fake score, answers of the pretext task, features of every block",
    async write({ engine, source, name, maps }, path) {
      const { bytes, comparison } = await writeDiscriminator(engine, source, path, name, maps);
      return { bytes, check: comparison, note: describeOutputs(comparison) };
    },
  },
  weights: {
    file: "weights.safetensors",
    what: "weights of both networks, float32, with readable names",
    async write({ engine, source, name, weights }, path) {
      const { config, alias } = source;
      const entry = alias["generator/buffers"];
      const standing = entry && {
        buffers: networkLayout(config).generator.buffers,
        values: (await engine.readState([entry]))[entry]!,
      };
      const kept = exportableWeights(weights, config.training.ema > 0, standing || undefined);
      const { bytes, tensors } = await writeWeights(path, kept, runMetadata(source, name));
      return { bytes, check: { tensors }, note: describeTensors(tensors) };
    },
  },
  example: {
    file: "example.html",
    what: "a page that shows the generator at work, all in one file",
    async write({ engine, source, name }, path, made) {
      const { data, generator } = source.config;
      const facts = {
        name,
        latentSize: generator.latentSize,
        latentDistribution: evaluationDistribution(source.config),
        resolution: data.resolution,
        classes: data.classes,
      };
      const { script, wasm } = await browserRuntime();
      const written = made.find(({ part }) => part === "generator")?.path;
      const model = written ? await readFile(written) : await generatorBytes(engine, source, path, name);
      const inText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
      const page = exampleHtml(facts, {
        ...{ generator: inText(model), script: inText(script), wasm: inText(wasm) },
      });
      await writeFileWhole(path, page);
      return { bytes: Buffer.byteLength(page) };
    },
  },
  card: {
    file: "README.md",
    what: "the model card, with 64 samples (samples.png)",
    async write(context, path, made) {
      const { source, name, license, evaluations } = context;
      const picture = await encodePng(await sampleGrid(source));
      await writeFileWhole(join(dirname(path), SAMPLES), picture);
      const { source: images } = source.config.data;
      const card = modelCard({
        name,
        config: withoutPlaces(source.config),
        step: source.step,
        averaged: source.averaged,
        classNames: source.classNames,
        files: [
          ...made.map(({ part, bytes, what }) => ({
            name: EXPORT_PARTS[part].file,
            size: formatBytes(bytes),
            what,
          })),
          { name: SAMPLES, size: formatBytes(picture.length), what: "64 samples, not selected" },
        ],
        evaluations,
        command: reproduce(source.config, withoutPlace(images) ?? undefined).command,
        license,
        version: currentVersions().quarterturn ?? "unknown",
        data: images === null ? "the built-in images (Fluent emoji, MIT license)" : `${withoutPlace(images)}`,
      });
      await writeFileWhole(path, card);
      return { bytes: Buffer.byteLength(card) };
    },
  },
} as const satisfies Record<string, PartDefinition>;

export type ExportPart = keyof typeof EXPORT_PARTS;

const SAMPLES = "samples.png";

/**
 * Write parts, each into its place, in the order of the registry.
 * @param place gives the path of each; folders are made
 * @throws UserError when the disk is full or a place not writable
 * @throws Error when a file does not give back what the trainer's own networks give
 */
export async function exportParts(
  context: ExportContext,
  parts: readonly ExportPart[],
  place: (file: string) => string,
  onPart: (file: string) => void = () => undefined,
): Promise<ExportedFile[]> {
  const made: ExportedFile[] = [];
  for (const part of Object.keys(EXPORT_PARTS) as ExportPart[]) {
    if (!parts.includes(part)) continue;
    const { file, what, write }: PartDefinition = EXPORT_PARTS[part];
    const path = place(file);
    onPart(file);
    await makeFolderOf(path);
    const { bytes, check, note } = await write(context, path, made);
    const size = formatBytes(bytes);
    made.push({ part, path, bytes, check, note: note === undefined ? size : `${size}; ${note}`, what });
  }
  return made;
}

/** 8 × 8 samples, rows of classes where there are any; from the run's own seed. */
async function sampleGrid({ config, sampler, alias }: GeneratorSource) {
  const { classes, resolution } = config.data;
  const { seed } = config.training;
  const conditional = sampler.program.feeds.some(({ name }) => name === "labels");
  const labels = conditional ? gridLabels(randomStream(seed, "model card labels"), classes) : undefined;
  const latents = drawLatents(
    randomStream(seed, "model card"),
    labels?.length ?? 64,
    config.generator.latentSize,
    evaluationDistribution(config),
  );
  return imageGrid(await generate(sampler, latents, alias, labels), resolution, 8);
}
