/**
 * The paper's own numbers (arXiv 1811.11212) for CIFAR-10 where it has them, and how each is known:
 * read from the printed table, read by eye from a curve (± 0.005 for an accuracy, ± 0.3 for a FID),
 * or quoted from memory and not verified.
 */

/** How a published number is known. */
export type Knowledge = "printed" | "curve" | "memory";

/** A published number. */
export interface Published {
  readonly value: number;
  readonly deviation?: number;
  /** What it is: `best of three seeds`. */
  readonly what: string;
  readonly knowledge: Knowledge;
}

const best = (value: number): Published => ({
  value,
  what: "table 1, best of three seeds, 100,000 steps",
  knowledge: "printed",
});
const curve = (value: number): Published => ({
  value,
  what: "figure 4a, mean of three seeds, 100,000 steps",
  knowledge: "curve",
});

/** The four models of table 1 by their names in the paper. */
export const MODELS = ["Uncond-GAN", "Cond-GAN", "SS-GAN", "SS-GAN (sBN)"] as const;
export type Model = (typeof MODELS)[number];

/** FID on CIFAR-10: table 1, and the end of figure 4a. */
export const TABLE1: Readonly<Record<Model, { readonly best: Published; readonly mean: Published }>> = {
  "Uncond-GAN": { best: best(19.73), mean: curve(20.9) },
  "Cond-GAN": { best: best(15.6), mean: curve(16.4) },
  "SS-GAN": { best: best(17.11), mean: curve(17.8) },
  "SS-GAN (sBN)": { best: best(15.65), mean: curve(16.5) },
};

/** Figure 4a: FID over generator steps, mean of three seeds, read by eye. */
export const FIGURE4: Readonly<Record<Model, readonly (readonly [step: number, fid: number])[]>> = {
  "Uncond-GAN": [
    [10_000, 34.5],
    [20_000, 28.2],
    [50_000, 22.4],
    [100_000, 20.9],
  ],
  "Cond-GAN": [
    [10_000, 29.7],
    [20_000, 23.8],
    [50_000, 17.3],
    [100_000, 16.4],
  ],
  "SS-GAN": [
    [10_000, 34.3],
    [20_000, 26],
    [50_000, 19],
    [100_000, 17.8],
  ],
  "SS-GAN (sBN)": [
    [10_000, 27.4],
    [20_000, 21.2],
    [50_000, 18],
    [100_000, 16.5],
  ],
};

/**
 * Figure 2: top-1 accuracy on ImageNet (128 × 128) of a linear classifier on the discriminator's
 * final layer, every 100,000 steps.
 */
export const FIGURE2 = {
  "Uncond-GAN": [0.167, 0.216, 0.228, 0.229, 0.224, 0.158, 0.096, 0.144, 0.14, 0.074],
  "SS-GAN": [0.233, 0.297, 0.33, 0.354, 0.368, 0.377, 0.381, 0.386, 0.383, 0.383],
} as const;

/**
 * Figure 3: accuracy of the online classifier at tenths of a cycle (an iteration count in
 * thousands), vanilla and with the rotation loss.
 */
export const FIGURE3: readonly {
  readonly tasks: number;
  readonly moment: "current" | "switch";
  readonly vanilla: number;
  readonly rotation: number;
}[] = [
  { tasks: 2, moment: "current", vanilla: 0.8, rotation: 0.84 },
  { tasks: 2, moment: "switch", vanilla: 0.49, rotation: 0.63 },
  { tasks: 7, moment: "switch", vanilla: 0.6, rotation: 0.66 },
  { tasks: 10, moment: "current", vanilla: 0.8, rotation: 0.85 },
  { tasks: 12, moment: "switch", vanilla: 0.5, rotation: 0.69 },
  { tasks: 20, moment: "current", vanilla: 0.81, rotation: 0.86 },
];

type MeanAndStdDev = readonly [mean: number, deviation: number];

/**
 * Table 2: FID on CIFAR-10, mean ± deviation over three seeds. From memory, but for SS-GAN's row
 * sn-b0-d2, which mimicry quotes.
 */
export const TABLE2: Readonly<
  Record<string, { readonly title: string; readonly uncond: MeanAndStdDev; readonly ssgan: MeanAndStdDev }>
> = {
  "gp1-b0-d1": { title: "GP λ=1, β (0, 0.9), 1 D step", uncond: [121.05, 31.44], ssgan: [25.8, 0.71] },
  "gp1-b0-d2": { title: "GP λ=1, β (0, 0.9), 2 D steps", uncond: [28.11, 0.66], ssgan: [26.98, 0.54] },
  "gp1-b5-d1": { title: "GP λ=1, β (0.5, 0.999), 1 D step", uncond: [78.54, 6.23], ssgan: [25.89, 0.33] },
  "gp10-b0-d1": { title: "GP λ=10, β (0, 0.9), 1 D step", uncond: [188.52, 64.54], ssgan: [28.48, 0.68] },
  "gp10-b0-d2": { title: "GP λ=10, β (0, 0.9), 2 D steps", uncond: [29.11, 0.85], ssgan: [27.74, 0.73] },
  "gp10-b5-d1": { title: "GP λ=10, β (0.5, 0.999), 1 D step", uncond: [117.67, 17.46], ssgan: [25.22, 0.38] },
  "sn-b0-d1": { title: "SN, β (0, 0.9), 1 D step", uncond: [87.86, 3.44], ssgan: [19.65, 0.9] },
  "sn-b0-d2": { title: "SN, β (0, 0.9), 2 D steps", uncond: [20.24, 0.62], ssgan: [17.88, 0.64] },
  "sn-b5-d1": { title: "SN, β (0.5, 0.999), 1 D step", uncond: [86.87, 8.03], ssgan: [18.23, 0.56] },
};

/** The cell of table 2 that another source confirms. */
export const TABLE2_CONFIRMED = { row: "sn-b0-d2", side: "ssgan" } as const;

/** Columns of tables 3 and 4. */
export type Representation = "Uncond-GAN" | "Cond-GAN" | "Rot-only" | "SS-GAN (sBN)";

/**
 * Table 3: top-1 accuracy on CIFAR-10 of a linear classifier on each of the discriminator's four
 * blocks. From memory.
 */
export const TABLE3: Readonly<Record<Representation, readonly number[]>> = {
  "Uncond-GAN": [0.719, 0.762, 0.778, 0.776],
  "Cond-GAN": [0.719, 0.759, 0.776, 0.78],
  "Rot-only": [0.71, 0.749, 0.762, 0.752],
  "SS-GAN (sBN)": [0.721, 0.774, 0.796, 0.799],
};

/**
 * Table 4: the same on ImageNet at 128 × 128, on six blocks. From memory; what agrees with other
 * sources is said where it is used.
 */
export const TABLE4: Readonly<Record<Representation, readonly number[]>> = {
  "Uncond-GAN": [0.074, 0.063, 0.073, 0.083, 0.077, 0.074],
  "Cond-GAN": [0.156, 0.187, 0.217, 0.272, 0.253, 0.337],
  "Rot-only": [0.147, 0.134, 0.158, 0.202, 0.196, 0.195],
  "SS-GAN (sBN)": [0.158, 0.222, 0.25, 0.327, 0.358, 0.383],
};

/**
 * Table 5: top-1 accuracy on ImageNet of a linear classifier on other methods' representations, and
 * on SS-GAN's. Printed.
 */
export const TABLE5: Readonly<Record<string, number>> = {
  Context: 0.317,
  BiGAN: 0.31,
  Colorization: 0.326,
  RotNet: 0.387,
  DeepClustering: 0.41,
  "SS-GAN (sBN)": 0.383,
};
