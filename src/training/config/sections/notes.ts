/**
 * What the sections of the configuration are written with: notes on a value, names of sources,
 * kinds of numbers.
 */
import { z } from "zod";

/** What is said about a value besides its type. */
export type ValueNotes = {
  readonly unit: string;
  /** Where the default comes from. */
  readonly source: string;
  readonly description: string;
};

/** For a value's `.meta(…)`. @param unit empty where it has none */
export const notes = (unit: string, source: string, description: string): ValueNotes => ({
  unit,
  source,
  description,
});

/** A place in arXiv 1811.11212. */
export const paper = (place: string): string => `paper ${place}`;
/** The authors' code, which ships no configuration of the experiment itself. */
export const COMPARE_GAN = "compare_gan";
/**
 * The paper's values as kwotsin/mimicry gives them, whose reproduction reaches the published FID.
 */
export const MIMICRY = "paper, as reproduced by mimicry";
/** Takeru Miyato et al., Spectral Normalization for Generative Adversarial Networks. */
export const SNGAN = "Miyato et al. 2018 (SN-GAN), which the paper follows";
/** Han Zhang et al., Self-Attention Generative Adversarial Networks. */
export const SAGAN = "Zhang et al. 2019 (SAGAN)";
export const OURS = "this project";
/** Widths that the tables of docs/architectures.md have. */
export const FULL_WIDTH = "the architecture, as published";

/** A whole number from 1 up. */
export const count = () => z.int().min(1);
/** A real number in [0, 1). */
export const fraction = () => z.number().min(0).lt(1);
