/**
 * The training steps that are measured: what each form computes, at which widths, and what is aimed
 * at.
 */
import { paperSettings, type SettingsOverrides } from "../src/objectives/paper-settings.ts";
import type { StepSettings } from "../src/objectives/settings.ts";

/** Widths of the two networks. */
export interface Size {
  readonly generator: number;
  readonly discriminator: number;
}

/** `256/128` */
export const sizeName = (size: Size): string => `${size.generator}/${size.discriminator}`;

/** One kind of training step. */
interface FormDefinition {
  /** In a few words. */
  readonly description: string;
  /** Architecture of both networks. */
  readonly architecture: StepSettings["generator"]["architecture"];
  /** What differs from the paper's CIFAR-10 settings besides architecture and widths. */
  readonly settings: SettingsOverrides;
  /** The widths that are measured unless others are asked for. */
  readonly sizes: readonly Size[];
  /**
   * What is aimed at, by width: how many times as fast as PyTorch in its default layout; `else` for
   * all others.
   */
  readonly bars: Readonly<Record<string, number>> & { readonly else: number };
}

const size = (generator: number, discriminator: number): Size => ({ generator, discriminator });
const FAMILY_SIZES = [size(32, 32), size(64, 64)];
const CIFAR_SIZES = [size(32, 32), size(64, 64), size(256, 128)];

/**
 * The forms by name. Batch 64 at 32 × 32 with 16 images in four turns, if nothing else is said;
 * Adam as in the paper. The bars of compare_gan's ResNets are higher (1.5 and more), as folding
 * their zero insertion saves arithmetic; the others have 1.3 or 1.15.
 */
export const FORMS = {
  compare_gan: {
    description: "the paper's ResNet for CIFAR-10",
    architecture: "resnet-cifar",
    settings: {},
    sizes: CIFAR_SIZES,
    bars: { "32/32": 1.5, "64/64": 2, "256/128": 2.4, else: 1.5 },
  },
  mimicry: {
    description: "SN-GAN ResNet as in mimicry",
    architecture: "sngan-resnet",
    settings: {},
    sizes: CIFAR_SIZES,
    bars: { else: 1.3 },
  },
  "mimicry-128": {
    description:
      "SN-GAN ResNet as in mimicry at 128 × 128, batch 16: the largest networks there are presets for",
    architecture: "sngan-resnet",
    settings: {
      data: { resolution: 128 },
      objective: { rotatedBatch: 16 },
      training: { batchSize: 16 },
    },
    sizes: [size(1024, 64)],
    bars: { else: 1.15 },
  },
  resnet5: {
    description: "the paper's ResNet at 128 × 128, batch 16",
    architecture: "resnet5",
    settings: {
      data: { resolution: 128 },
      objective: { rotatedBatch: 16 },
      training: { batchSize: 16 },
    },
    // A quarter of the published widths, and all of them.
    sizes: [size(128, 16), size(512, 64)],
    bars: { else: 1.5 },
  },
  sndcgan: {
    description: "SNDCGAN at 64 × 64",
    architecture: "sndcgan",
    settings: { data: { resolution: 64 } },
    sizes: [size(512, 64)],
    bars: { else: 1.15 },
  },
  "wgan-gp": {
    description: "the paper's ResNet with a gradient penalty instead of spectral normalization",
    architecture: "resnet-cifar",
    settings: { discriminator: { spectralNorm: false }, objective: { penalty: "wgan-gp" } },
    sizes: [size(32, 32), size(128, 128)],
    bars: { else: 1.5 },
  },
  "mimicry-la": {
    description: "SSGAN-LA on the same networks, each image in one turn",
    architecture: "sngan-resnet",
    settings: { objective: { selfSupervision: "rotation-la", turns: "one" } },
    sizes: FAMILY_SIZES,
    bars: { else: 1.3 },
  },
  "mimicry-infomax": {
    description: "InfoMax-GAN on the same networks",
    architecture: "sngan-resnet",
    settings: { objective: { selfSupervision: "none", auxiliary: "infomax:0.2" } },
    sizes: FAMILY_SIZES,
    bars: { else: 1.3 },
  },
  "mimicry-r3": {
    description: "R3GAN's loss and penalties on the same networks",
    architecture: "sngan-resnet",
    settings: {
      discriminator: { spectralNorm: false },
      objective: { loss: "relativistic", selfSupervision: "none", penalty: "r1-r2" },
    },
    sizes: FAMILY_SIZES,
    bars: { else: 1.3 },
  },
} as const satisfies Record<string, FormDefinition>;

export type Form = keyof typeof FORMS;
export const FORM_NAMES = Object.keys(FORMS) as Form[];

/** All that decides what a step of a form computes. */
export function benchSettings(form: Form, generatorWidth: number, discriminatorWidth: number): StepSettings {
  const { architecture, settings }: FormDefinition = FORMS[form];
  return paperSettings({
    ...settings,
    generator: { ...settings.generator, architecture, width: generatorWidth },
    discriminator: { ...settings.discriminator, architecture, width: discriminatorWidth },
  });
}

/** What is aimed at: how many times as fast as PyTorch in its default layout. */
export function speedBar(form: Form, size: Size): number {
  const { bars }: FormDefinition = FORMS[form];
  return bars[sizeName(size)] ?? bars.else;
}

/**
 * What is aimed at in bfloat16: times as fast as PyTorch's best mode, and as its default mode in
 * float32.
 */
const NATIVE_BARS: Readonly<Record<string, { readonly best: number; readonly plain?: number }>> = {
  "compare_gan 32/32": { best: 1.7, plain: 4 },
  "compare_gan 64/64": { best: 1.6, plain: 4 },
  "compare_gan 256/128": { best: 1.8, plain: 4 },
  "mimicry 32/32": { best: 1.6, plain: 4 },
  "mimicry 64/64": { best: 1.5, plain: 4 },
  "mimicry 256/128": { best: 1.4, plain: 2.7 },
};
/** How many times as fast as ONNX Runtime the native engine has to be; see the table. */
export const nativeBars = (
  form: Form,
  size: Size,
): { readonly best: number; readonly plain?: number | undefined } =>
  NATIVE_BARS[`${form} ${sizeName(size)}`] ?? { best: 1.2 };

/**
 * Other aims: memory as a multiple of PyTorch's (of that in bfloat16 for ours in it), and seconds.
 */
export const BARS = {
  memory: 1.4,
  nativeMemory: 1.2,
  compileSeconds: 3,
  firstStepSeconds: 3,
  helpSeconds: 0.3,
} as const;
