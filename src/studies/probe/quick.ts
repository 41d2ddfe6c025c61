/**
 * The quick probe that is made while training (`training.probeEvery`): the linear probe on fewer
 * images, with fewer numbers a block and fewer epochs. Its curve shows when a discriminator learns
 * or forgets the classes, as figure 2 of the paper does; for a number to quote there is `probe
 * RUN`. All its chance comes from seeds of its own and it only reads the discriminator's state, so
 * training does not notice it.
 */
import { formatCount } from "../../base/text/format/index.ts";
import { imagesOf } from "../../data/images-of.ts";
import type { ImageStore } from "../../data/store/store.ts";
import type { Engine } from "../../engine/engine.ts";
import type { DiscriminatorProgram } from "../../objectives/programs/discriminator-program.ts";
import type { ProbedImages, ProbeEvent } from "../../training/events.ts";

import { fitBatch, probe } from "./probe.ts";
import { PROTOCOL } from "./protocol.ts";

/** Images of each part at the most, spread evenly over it. */
export const QUICK_IMAGES = { train: 10_000, test: 2000 } as const;
/** Epochs of the regression. */
export const QUICK_EPOCHS = 20;
/**
 * Numbers a block is pooled to at the most: means over parts of the map, as the whole probe has
 * them. Means over whole maps would say little about narrow networks, whose blocks have a few
 * channels only.
 */
export const QUICK_FEATURES = 1024;
const SEEDS = [1] as const;

/**
 * Probe the discriminator the engine holds.
 * @param program from `buildFeatures` with the limit `QUICK_FEATURES`
 * @throws UserError as `probe`; the signal's reason when it aborts
 */
export async function quickProbe(
  engine: Engine,
  program: DiscriminatorProgram,
  data: { readonly train: ImageStore; readonly test: ImageStore },
  step: number,
  signal?: AbortSignal,
): Promise<ProbeEvent> {
  const regression = { ...PROTOCOL, epochs: QUICK_EPOCHS };
  const result = await probe(engine, program, data, {
    regression,
    seeds: SEEDS,
    images: QUICK_IMAGES,
    signal,
  });
  return {
    kind: "probe",
    step,
    protocol: {
      name: "quick",
      pooling: `means over equal patches, at most ${QUICK_FEATURES} numbers`,
      ...fitBatch(regression, result.trainImages),
      seeds: SEEDS,
    },
    train: describeImages(data.train, result.trainImages),
    test: describeImages(data.test, result.testImages),
    classes: result.classes,
    accuracies: Object.fromEntries(result.blocks.map(({ block, mean }) => [block, mean])),
    best: result.best,
  };
}

function describeImages({ summary, hash, count: of }: ImageStore, count: number): ProbedImages {
  return { data: summary.name, hash, split: summary.split, count, of };
}

/** The protocol of a quick probe in words. */
export function quickProbeSentence({ protocol, train, test }: ProbeEvent): string {
  return `${protocol.name} linear probe (${protocol.pooling}, ${protocol.epochs} epochs) on ${formatCount(train.count)} training and ${formatCount(test.count)} test ${imagesOf(test.data)}`;
}
