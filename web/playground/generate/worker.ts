/** The worker that holds a generator: loads the file, makes images, finds directions. */
import { UserError } from "../../../src/base/errors.ts";
import { randomStream } from "../../../src/base/random.ts";
import { type GeneratorFile, readGeneratorFile } from "../../../src/training/export/generator-file.ts";
import { coarse, type PrincipalDirections, responseSum } from "../../../src/training/sampling/directions.ts";
import { drawLabels, drawLatents } from "../../../src/training/sampling/samples.ts";
import { serve } from "../rpc.ts";
import { type OpenedModel, openModel, prepareCpu } from "../runtime.ts";

/** A generator that has been loaded. */
export interface LoadedFile {
  readonly file: GeneratorFile;
  /** For people. */
  readonly device: string;
}

/** How far the search for directions is. */
export interface DirectionsEvent {
  readonly kind: "directions";
  readonly done: number;
  readonly total: number;
}

const BATCH = 64;
/**
 * Images that directions are found from: always as many, so that a generator has the same ones on
 * every machine and at every visit.
 */
const SAMPLES = 512;

let current: { readonly model: OpenedModel; readonly file: GeneratorFile } | undefined;

function loaded(): { readonly model: OpenedModel; readonly file: GeneratorFile } {
  if (!current) throw new Error("no generator is loaded");
  return current;
}

async function load(bytes: Uint8Array, where: string): Promise<LoadedFile> {
  const file = readGeneratorFile(bytes, where);
  const model = await openModel(bytes).catch((error: unknown) => {
    throw new UserError(
      `${where} could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
      "Export it again with quarterturn export RUN.",
    );
  });
  await current?.model.release();
  current = { model, file };
  return { file, device: model.device };
}

/** @returns uint8 [N, 3, S, S] */
async function images(latents: Float32Array, labels?: BigInt64Array): Promise<Uint8Array> {
  const { model, file } = loaded();
  const { latentSize, resolution } = file;
  const count = latents.length / latentSize;
  const out = new Uint8Array(count * 3 * resolution * resolution);
  for (let first = 0; first < count; first += BATCH) {
    const end = Math.min(count, first + BATCH);
    const z = model.tensor("float32", latents.slice(first * latentSize, end * latentSize), [
      end - first,
      latentSize,
    ]);
    const classes = labels && { labels: model.tensor("int64", labels.slice(first, end), [end - first]) };
    const result = (await model.run({ z, ...classes })).images!;
    out.set((await result.getData()) as Uint8Array, first * 3 * resolution * resolution);
  }
  return out;
}

/** Principal directions of the loaded generator; see training/sampling/directions.ts. */
async function directions(count: number): Promise<PrincipalDirections & { readonly samples: number }> {
  const { file } = loaded();
  const { latentSize, latentDistribution, resolution, classes } = file;
  const stream = randomStream(0, "directions");
  const first = await sample(BATCH);
  const sum = responseSum(latentSize, first.features.length / BATCH);
  sum.add(first.latents, first.features, first.labels);
  while (sum.count < SAMPLES) {
    const { latents, features, labels } = await sample(BATCH);
    sum.add(latents, features, labels);
    emit({ kind: "directions", done: sum.count, total: SAMPLES });
  }
  return { ...sum.directions(count), samples: sum.count };

  async function sample(n: number) {
    const latents = drawLatents(stream, n, latentSize, latentDistribution);
    const labels = classes > 0 ? drawLabels(stream, n, classes) : undefined;
    return { latents, labels, features: coarse(await images(latents, labels), resolution) };
  }
}

const handlers = { load, images, directions };
export type GenerateHandlers = typeof handlers;
const emit = serve<DirectionsEvent>(handlers);

// While the file is on its way. Where this fails, so does loading, which says it.
prepareCpu().catch(() => undefined);
