/** What goes into the two steps: images as the networks see them, latents, classes, and the changes by augmentation. */
import { stopGradient } from "../graph/index.ts";
import type { GeneratorInput, ImageRange } from "../models/model.ts";
import { GENERATORS } from "../models/registry.ts";
import type { Scope } from "../nn/scope.ts";
import { augment, augmentationNumbers, augmentationsOf } from "./augment/augment.ts";
import { STREAMS, type StepFeeds } from "./draws.ts";
import { decodeImages, generate, oneHot } from "./networks.ts";
import type { Shown } from "./self-supervision.ts";
import { microBatch, type StepSettings, usesClasses } from "./settings.ts";

/** The range of images the networks of these settings work in. */
export const imageRangeOf = (settings: StepSettings): ImageRange =>
  GENERATORS[settings.generator.architecture].imageRange;

/** What generated images are made of: latents and, in a conditional GAN, classes drawn uniformly. */
export function drawnInput(feeds: StepFeeds, settings: StepSettings): GeneratorInput {
  const count = microBatch(settings);
  const z = feeds.draw(STREAMS.latents, "latents", [count, settings.generator.latentSize], "latents");
  if (!usesClasses(settings)) return { z, classes: undefined };
  const labels = feeds.draw(STREAMS.labels, "fakeLabels", [count], "classes");
  return { z, classes: oneHot(labels, settings.data.classes) };
}

/** Real images with their classes: feeds `images` uint8 [N, S, S, 3] and, in a conditional GAN, `labels` int64 [N]. */
export function realImages(feeds: StepFeeds, settings: StepSettings): Shown {
  const count = microBatch(settings);
  const { resolution, classes } = settings.data;
  const bytes = feeds.given("images", [count, resolution, resolution, 3], "uint8");
  const images = decodeImages(bytes, imageRangeOf(settings));
  if (!usesClasses(settings)) return { images, classes: undefined };
  return { images, classes: oneHot(feeds.given("labels", [count], "int64"), classes) };
}

/** Generated images; with `frozen`, no gradient flows into the generator. */
export function generatedImages(
  scope: Scope,
  input: GeneratorInput,
  settings: StepSettings,
  frozen: boolean,
): Shown {
  const images = generate(scope, input, settings);
  return { images: frozen ? stopGradient(images) : images, classes: input.classes };
}

/** The images as the discriminator is shown them: changed by the augmentations, with random numbers in the feed `feed`, [N, R]. */
export function augmented(shown: Shown, feeds: StepFeeds, feed: string, settings: StepSettings): Shown {
  const augmentations = augmentationsOf(settings.training.augment);
  if (augmentations.length === 0) return shown;
  const shape = [shown.images.shape[0]!, augmentationNumbers(augmentations)];
  const random = feeds.draw(STREAMS.augmentation, feed, shape, "uniform");
  return { ...shown, images: augment(shown.images, augmentations, random, imageRangeOf(settings)) };
}
