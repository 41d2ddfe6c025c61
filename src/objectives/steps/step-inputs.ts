/**
 * What goes into the two steps: images as the networks see them, latents, classes, and the changes
 * by augmentation.
 */
import type { Tensor } from "../../graph/index.ts";
import type { GeneratorInput, ImageRange } from "../../models/model.ts";
import { GENERATORS } from "../../models/registry.ts";
import { augment, augmentationNumbers, augmentationsOf } from "../augment/augment.ts";
import { decodeImages, oneHot } from "../images.ts";
import type { ImageBatch } from "../pretext/pretext-task.ts";
import { type ClassSettings, microBatch, type StepSettings, usesClasses } from "../settings.ts";
import { STREAMS, type StepFeeds } from "./draws.ts";

/** The range of images the networks of these settings work in. */
export const imageRangeOf = ({
  generator,
}: {
  readonly generator: Pick<StepSettings["generator"], "architecture">;
}): ImageRange => GENERATORS[generator.architecture].imageRange;

/** What a step is fed with. */
export interface StepInputs {
  /**
   * Real images with their classes: feeds `images` uint8 [N, S, S, 3] and, in a conditional GAN,
   * `labels` int64 [N].
   */
  real(feeds: StepFeeds): ImageBatch;
  /**
   * What generated images are made of: latents and, in a conditional GAN, classes drawn uniformly;
   * noise, where the generator asks for some.
   */
  latents(feeds: StepFeeds): GeneratorInput;
}

/** What the inputs are made of. */
export interface InputSettings extends ClassSettings {
  readonly data: StepSettings["data"];
  readonly generator: Pick<StepSettings["generator"], "architecture" | "norm" | "latentSize">;
  readonly training: Pick<StepSettings["training"], "batchSize" | "accumulate">;
}

/** The inputs under these settings. */
export function inputsOf(settings: InputSettings): StepInputs {
  const count = microBatch(settings);
  const { resolution, classes } = settings.data;
  const conditional = usesClasses(settings);
  return {
    real(feeds) {
      const bytes = feeds.given("images", [count, resolution, resolution, 3], "uint8");
      const images = decodeImages(bytes, imageRangeOf(settings));
      if (!conditional) return { images, classes: undefined };
      return { images, classes: oneHot(feeds.given("labels", [count], "int64"), classes) };
    },
    latents(feeds) {
      const z = feeds.draw(STREAMS.latents, "latents", [count, settings.generator.latentSize], "latents");
      const noise = (name: string, shape: readonly number[]): Tensor =>
        feeds.draw(STREAMS.noise, `noise/${name}`, shape, "normal");
      if (!conditional) return { z, classes: undefined, noise };
      const labels = feeds.draw(STREAMS.labels, "fakeLabels", [count], "classes");
      return { z, classes: oneHot(labels, classes), noise };
    },
  };
}

/**
 * Changes images as the discriminator is shown them, with random numbers in the feed `feed`, [N,
 * R]: always, or each augmentation with the probability that is given, [1].
 */
export type Augment = (batch: ImageBatch, feeds: StepFeeds, feed: string, probability?: Tensor) => ImageBatch;

/** The augmentations of a list, see `augmentationsOf`, for images in `range`. */
export function augmentOf(list: string, range: ImageRange): Augment {
  const augmentations = augmentationsOf(list);
  if (augmentations.length === 0) return (batch) => batch;
  return (batch, feeds, feed, probability) => {
    const numbers = augmentationNumbers(augmentations, probability !== undefined);
    const random = feeds.draw(STREAMS.augmentation, feed, [batch.images.shape[0]!, numbers], "uniform");
    return { ...batch, images: augment(batch.images, augmentations, random, range, probability) };
  };
}
