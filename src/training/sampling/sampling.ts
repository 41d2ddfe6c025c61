/**
 * The samples a run shows along the way: the same latents through the generator each time, as a
 * grid, with what the discriminator says of them and of real images, and with how different they
 * are from one another.
 */
import { randomStream } from "../../base/random.ts";
import type { Executable } from "../../engine/engine.ts";
import type { SampleEvent } from "../events.ts";
import type { LayerNorms } from "../layer-norms.ts";
import { heldOutScores } from "../loop/health/overfitting.ts";
import { varietyMeter } from "../loop/health/variety.ts";
import type { Recorder } from "../loop/recorder.ts";
import { evaluationDistribution, type LoopConfig } from "../settings.ts";
import type { WeightHistograms } from "../weight-histograms.ts";
import { GRID_COLUMNS } from "./grid-layout.ts";
import { type DisplayedImages, predictSamples, scoreImages } from "./predictions.ts";
import { AVERAGED, diversity, drawLatents, generate, gridLabels, imageGrid, imageShape } from "./samples.ts";
import type { Alias } from "./standing-statistics.ts";

/** Samples in a grid: 8 × 8. */
export const GRID_SIZE = 64;
/**
 * Held-out images that are looked at with every grid, and training images; fewer say too little.
 */
export const WATCHED = { max: 256, min: 16 } as const;

/**
 * Images by which it is seen whether the discriminator overfits: some that are trained on, and some
 * that never are.
 */
export interface WatchedImages {
  readonly trained: DisplayedImages;
  readonly heldOut: DisplayedImages;
}

/** What samples are taken with. */
export interface Sampling {
  readonly config: LoopConfig;
  readonly sampler: Executable;
  /**
   * Judges images in their four turns; without it, or where documents are not kept, samples are not
   * judged.
   */
  readonly predictor?: Executable | undefined;
  /**
   * The batch-norm statistics that belong to weights: the names to run the sampler with besides.
   * The running ones if left out.
   */
  readonly statistics?: ((weights: Alias) => Promise<Alias>) | undefined;
  /** Real images to compare with: uint8 [N, S, S, 3], N ≥ 2. */
  readonly reals: Uint8Array;
  /** Their classes, [N], where the data has classes. */
  readonly realLabels?: Uint16Array | undefined;
  /** Scores images; needed where `watched` is there. */
  readonly scorer?: Executable | undefined;
  readonly watched?: WatchedImages | undefined;
  /**
   * Spectral norms of the discriminator's layers as it is now, at the grid of a step; not recorded
   * if left out.
   */
  readonly layerNorms?: ((step: number) => Promise<LayerNorms | undefined>) | undefined;
  /**
   * How the weights of both networks are spread, at the grid of a step; not kept if left out, or
   * where documents are not kept.
   */
  readonly histograms?: ((step: number) => Promise<WeightHistograms | undefined>) | undefined;
  readonly recorder: Recorder;
}

/**
 * The latents, float32 [count, Z], and classes, int64 [count], that a run is shown by; they follow
 * from its seed alone.
 */
export function gridLatents({ training, generator, data }: LoopConfig) {
  const labels =
    data.classes > 0
      ? gridLabels(randomStream(training.seed, "sample labels"), data.classes, GRID_COLUMNS)
      : undefined;
  const count = labels?.length ?? GRID_SIZE;
  const stream = randomStream(training.seed, "samples");
  const distribution = evaluationDistribution({ generator });
  return { labels, count, latents: drawLatents(stream, count, generator.latentSize, distribution) };
}

/**
 * Show a run by its own latents and classes.
 * @returns makes the grid of a step, keeps its files and says what to record
 */
export function createSampling(sampling: Sampling): (step: number) => Promise<SampleEvent> {
  const {
    config,
    sampler,
    predictor,
    reals,
    realLabels,
    scorer,
    watched,
    recorder,
    layerNorms,
    histograms,
    statistics = async () => ({}),
  } = sampling;
  const { training } = config;
  const side = imageShape(sampler)[0];
  const meter = varietyMeter(reals, side);
  const realDiversity = diversity(reals, reals.length / (side * side * 3));
  const { labels, count, latents } = gridLatents(config);
  const keep = (name: string, images: Uint8Array): Promise<string> =>
    recorder.savePicture(name, imageGrid(images, side, GRID_COLUMNS));

  return async (step) => {
    const name = `samples/${String(step).padStart(7, "0")}`;
    const images = await generate(sampler, latents, {}, labels);
    const file = await keep(name, images);
    // The running statistics are those of the newest weights; behind averaged ones they can turn every image into the same one.
    const names = training.ema > 0 ? { ...AVERAGED, ...(await statistics(AVERAGED)) } : undefined;
    const averaged = names && (await generate(sampler, latents, names, labels));
    const averagedFile = averaged && (await keep(`${name}-ema`, averaged));
    const fake = { images, labels };
    const judgement =
      predictor &&
      (await recorder.saveDocument?.(
        `${name}.judgement`,
        await predictSamples(predictor, step, {
          fake,
          averaged: averaged && { ...fake, images: averaged },
          real: { images: reals, labels: realLabels },
        }),
      ));
    const scores = (shown: DisplayedImages): Promise<number[]> => scoreImages(scorer!, shown);
    const heldOut =
      scorer &&
      watched &&
      heldOutScores(await scores(watched.trained), await scores(watched.heldOut), await scores(fake));
    const norms = await layerNorms?.(step);
    const spread = recorder.saveDocument && (await histograms?.(step));
    const spreadFile = spread && (await recorder.saveDocument!(`${name}.weights`, spread));
    return {
      kind: "sample",
      step,
      file,
      ...(averagedFile && { averagedFile }),
      ...(judgement && { judgement }),
      ...(heldOut && { heldOut }),
      // Identical real images have no spread; any sample is as diverse as they are.
      diversity: realDiversity > 0 ? diversity(images, count) / realDiversity : 1,
      variety: meter.of(images),
      ...(norms && { layerNorms: norms }),
      ...(spreadFile && { histograms: spreadFile }),
      ...(recorder.usage && { process: recorder.usage() }),
    };
  };
}
