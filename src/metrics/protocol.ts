/**
 * Protocols: everything besides the feature network on which a published number depends and about
 * which implementations differ. Numbers of different protocols are not comparable; on CIFAR-10
 * resizing alone changes FID by about 1, the number of samples by about 3.
 */
import { unknownName } from "../base/errors.ts";
import type { Split } from "../data/store/store.ts";
import type { ResizeName } from "./extraction/resize.ts";

/**
 * What becomes of the generator's real-valued images: kept; rounded; or rescaled by their smallest
 * and largest value, then rounded.
 */
export type Quantization = "float" | "uint8" | "uint8-rescaled";

/**
 * How KID's estimate is averaged: over consecutive blocks, or over random subsets without
 * replacement.
 */
export type KidSampling =
  | { readonly kind: "blocks"; readonly size: number }
  | { readonly kind: "subsets"; readonly subsets: number; readonly size: number | "equal-parts" };

/** How images are measured: what two numbers must share to be comparable. */
export interface Protocol {
  readonly name: string;
  /** Whose numbers it is for. */
  readonly description: string;
  readonly quantisation: Quantization;
  /** To the side the feature network wants, where it wants one. */
  readonly resize: ResizeName;
  /** Which images are compared with, and how many at the most; those taken are drawn at random. */
  readonly reference: { readonly split: Split; readonly max: number };
  /** Generated images: as many as reference images, or a number. */
  readonly samples: "as-reference" | number;
  /** Times everything is repeated with other samples. */
  readonly repeats: number;
  readonly kid: KidSampling;
  /** Parts the Inception Score is averaged over. */
  readonly inceptionScoreSplits: number;
}

const PARTS_OF_TEN = { kind: "subsets", subsets: 10, size: "equal-parts" } as const;
const HUNDRED_SUBSETS = { kind: "subsets", subsets: 100, size: 1000 } as const;

/** Every protocol, the default first. */
export const PROTOCOLS: readonly Protocol[] = [
  {
    name: "paper",
    description: "compare_gan and TFGAN, as the SS-GAN paper: the test part, as many samples, three times",
    quantisation: "float",
    resize: "tf1-bilinear",
    reference: { split: "test", max: Number.POSITIVE_INFINITY },
    samples: "as-reference",
    repeats: 3,
    kid: { kind: "blocks", size: 1024 },
    inceptionScoreSplits: 1,
  },
  {
    name: "mimicry",
    description: "mimicry's benchmark: 50,000 of the training part, as many samples, rescaled and rounded",
    quantisation: "uint8-rescaled",
    resize: "tf1-bilinear",
    reference: { split: "train", max: 50_000 },
    samples: "as-reference",
    repeats: 1,
    kid: PARTS_OF_TEN,
    inceptionScoreSplits: 10,
  },
  {
    name: "clean",
    description: "clean-fid: all of the training part, 50,000 samples, PIL's antialiased bicubic",
    quantisation: "uint8",
    resize: "pil-bicubic",
    reference: { split: "train", max: Number.POSITIVE_INFINITY },
    samples: 50_000,
    repeats: 1,
    kid: HUNDRED_SUBSETS,
    inceptionScoreSplits: 10,
  },
  {
    name: "torch-fidelity",
    description: "torch-fidelity: all of the training part, 50,000 samples, TensorFlow's bilinear",
    quantisation: "uint8",
    resize: "tf1-bilinear",
    reference: { split: "train", max: Number.POSITIVE_INFINITY },
    samples: 50_000,
    repeats: 1,
    kid: HUNDRED_SUBSETS,
    inceptionScoreSplits: 10,
  },
  {
    name: "pytorch-fid",
    description: "pytorch-fid: all of the training part, 50,000 samples, PyTorch's bilinear",
    quantisation: "uint8",
    resize: "half-pixel-bilinear",
    reference: { split: "train", max: Number.POSITIVE_INFINITY },
    samples: 50_000,
    repeats: 1,
    kid: HUNDRED_SUBSETS,
    inceptionScoreSplits: 10,
  },
];

/** The protocol of a name. @throws UserError for an unknown one */
export function protocolOf(name: string): Protocol {
  const found = PROTOCOLS.find((protocol) => protocol.name === name);
  if (found) return found;
  throw unknownName(
    "protocol",
    name,
    PROTOCOLS.map((protocol) => protocol.name),
  );
}
