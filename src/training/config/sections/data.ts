/** Configuration of a run: where the images come from and what is made of them before training. */
import { z } from "zod";
import { PREPROCESSINGS, RESIZES } from "../../../data/decode/preprocessing.ts";
import { SPLITS, UNLABELED } from "../../../data/store/store.ts";
import { GENERATORS } from "../../../models/registry.ts";
import { COMPARE_GAN, MIMICRY, notes, OURS, paper } from "./notes.ts";

/** Image sides some architecture is made for, ascending; not every one is made for all. */
export const RESOLUTIONS: readonly number[] = [
  ...new Set(Object.values(GENERATORS).flatMap(({ resolutions }) => resolutions)),
].sort((a, b) => a - b);

/** `data.…` */
export const dataSection = z.strictObject({
  source: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .meta(
      notes(
        "",
        OURS,
        "Where the images are: a folder, an archive, a built-in name, or format:PATH (docs/data.md). null is the built-in emoji data set.",
      ),
    ),
  resolution: z
    .literal([...RESOLUTIONS])
    .default(32)
    .meta(notes("pixels", paper("§4 (CIFAR-10)"), "Side of the square images the networks see.")),
  split: z
    .enum(SPLITS)
    .default("train")
    .meta(
      notes(
        "",
        paper("§4 (CIFAR-10)"),
        "Which part of the data set is trained on. Only STL-10 has an unlabeled one.",
      ),
    ),
  preprocessing: z
    .enum(PREPROCESSINGS)
    .default("centre-crop")
    .meta(
      notes(
        "",
        COMPARE_GAN,
        "How an image becomes square: the largest centered square; a random one of 50–100 % of the area (ImageNet in compare_gan); " +
          "the center unresized, or with a black border (LSUN); the center of 178 or 160 pixels (CelebA); all of it in a square of the color of its border, or white.",
      ),
    ),
  resize: z
    .enum(RESIZES)
    .default("lanczos3")
    .meta(
      notes(
        "",
        OURS,
        "Filter that resizes the square: lanczos3 is free of aliasing; bilinear-tf1 is TensorFlow 1's, as compare_gan's data had it.",
      ),
    ),
  mirror: z
    .boolean()
    .default(false)
    .meta(
      notes(
        "",
        MIMICRY,
        "Whether every image is trained on as it is and mirrored, left and right exchanged: twice as many images. Not for text, logos and whatever has a handedness.",
      ),
    ),
  unlabeled: z
    .enum(UNLABELED)
    .default("exclude")
    .meta(
      notes(
        "",
        OURS,
        "Images without a label where others have one. exclude: they are left out, and a table with empty labels is not used. keep: they are trained on without one, for discriminator.conditioning=predicted.",
      ),
    ),
  labelShare: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .meta(
      notes(
        "",
        OURS,
        "Share of the labels that training is told, the same ones every time, as many of each class; the others are hidden from it. For trying discriminator.conditioning=predicted on data of which every image has a label.",
      ),
    ),
  classes: z
    .int()
    .min(0)
    .max(65_536)
    .default(0)
    .meta(
      notes(
        "classes",
        paper("§3"),
        "Classes the networks are told; 0: none. Taken from the data when a conditional GAN is asked for and nothing is given.",
      ),
    ),
});
