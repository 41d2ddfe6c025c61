/**
 * How strongly a discriminator's layers stretch what they are given, and are pulled at by the loss,
 * at several checkpoints of a run.
 */
import { imageBytes } from "../../data/store/store.ts";
import type { Engine, Executable } from "../../engine/engine.ts";
import { taskOf, viewsOf } from "../../objectives/pretext/registry.ts";
import { networkLayout } from "../../objectives/programs/initial-state.ts";
import { GRADIENT_BATCH, layerGradients } from "../../objectives/steps/layer-gradients.ts";
import type { NetworkLayout } from "../../objectives/steps.ts";
import type { Config } from "../../training/config/schema.ts";
import { refuseWithoutDiscriminator } from "../../training/import/origin.node.ts";
import { isKernel, type LayerNorms, layerOf, spectralNorms } from "../../training/layer-norms.ts";
import { readRunConfig } from "../../training/run/folder/run-folder.node.ts";
import { loadDiscriminator } from "./checkpoint-state.ts";
import { type GridFiles, type ShownImages, shownImages } from "./shown-images.ts";

/** What is asked. */
export interface LayersRequest {
  readonly run: string;
  /** Steps of checkpoints, ascending. */
  readonly through: readonly number[];
  /** Of each of those, the newest grid that had been made by then. */
  readonly grids: Readonly<Record<number, GridFiles>>;
}

/** Layers of the discriminator at one checkpoint. */
export interface LayersAt {
  readonly step: number;
  readonly norms: LayerNorms;
  /**
   * Length of the gradient of each kernel; absent where there are no images to take it on, or their
   * classes are not known.
   */
  readonly gradients?: LayerNorms;
}

/**
 * Look at the layers, with the images of the run's own grids.
 * @throws UserError when the run, a checkpoint or a picture cannot be read, or the run has no
 * discriminator of its own
 */
export async function layersThrough(engine: Engine, request: LayersRequest): Promise<LayersAt[]> {
  const { run, through, grids } = request;
  await refuseWithoutDiscriminator(run);
  const config = await readRunConfig(run);
  const views = viewsOf(taskOf(config.objective)?.description).length;
  const layout = networkLayout(config).discriminator;
  const pulled = layerGradients(config, engine.target);
  const pull = pulled && (await engine.compile(pulled.program));
  const found: LayersAt[] = [];
  for (const step of through) {
    const parameters = await loadDiscriminator(engine, { run, step, layout });
    const shown = pull && (await shownImages(run, config, grids[step], views));
    const gradients = shown && (await gradientNorms(pull, layout, config, shown));
    found.push({
      step,
      norms: spectralNorms(layout.parameters, parameters),
      ...(gradients && { gradients }),
    });
  }
  return found;
}

/**
 * Lengths of the gradient on a batch of real and as many generated images; undefined where there
 * are fewer.
 */
async function gradientNorms(
  pull: Executable,
  { parameters }: NetworkLayout,
  { objective, data }: Config,
  { images: { real, fake } }: ShownImages,
): Promise<LayerNorms | undefined> {
  const bytes = GRADIENT_BATCH * imageBytes(data.resolution);
  if (!real || !fake || Math.min(real.length, fake.length) < bytes) return undefined;
  const beta = pull.program.feeds.some(({ name }) => name === "beta");
  const { gradient } = await pull.run({
    ...{ real: real.slice(0, bytes), fake: fake.slice(0, bytes) },
    ...(beta && { beta: Float32Array.of(objective.beta) }),
  });
  const norms: Record<string, number> = {};
  for (const slot of parameters.filter(isKernel)) {
    const size = slot.shape.reduce((a, b) => a * b, 1);
    let squares = 0;
    for (let i = 0; i < size; i++) squares += Number(gradient![slot.offset + i]) ** 2;
    if (Number.isFinite(squares)) norms[layerOf(slot.name)] = Number(Math.sqrt(squares).toPrecision(4));
  }
  return norms;
}
