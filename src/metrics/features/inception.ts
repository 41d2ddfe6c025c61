/**
 * Inception-v3 (Szegedy et al. 2015, "Rethinking the Inception Architecture") in its two forms in
 * use:
 *
 * - `inception`: the network of 2015-12-05 that TensorFlow gave out and every published FID is
 *   computed with. 1,008 classes; the means of its average pools are taken over the image only,
 *   without the border; the last block pools by maximum; input (x − 128)/128. Its weights exist as
 *   `pt_inception-2015-12-05-6726825d.pth` (pytorch-fid).
 * - `torchvision-inception`: torchvision's `inception_v3` with 1,000 classes and the border
 *   counted; input x/127.5 − 1, which is what its `transform_input` makes of images normalized the
 *   usual way.
 *
 * Layers are named as in both files. Inference only: pooling has no gradient, and the auxiliary
 * classifier is left out.
 */
import { averagePool, concat, maxPool, mean, mul, relu, sub, type Tensor } from "../../graph/index.ts";
import type { BatchNormOptions } from "../../nn/batch-norm.ts";
import { zeros } from "../../nn/initializers.ts";
import { linear } from "../../nn/linear.ts";
import { normalizedConvolution } from "../../nn/normalized-convolution.ts";
import type { Scope } from "../../nn/scope.ts";
import type { Classified } from "./resnet20.ts";

/** Side of the images in pixels. */
export const INCEPTION_SIDE = 299;

/** In what the two forms differ. */
export interface InceptionVariant {
  readonly classes: number;
  /** Of input gray levels 0…255: (x − center) / scale. */
  readonly center: number;
  readonly scale: number;
  /** Whether average pools count the border as zeros. */
  readonly countPadding: boolean;
  /** What the last block pools by. */
  readonly lastPool: "max" | "average";
}

/** The forms by name. */
export const INCEPTION_VARIANTS = {
  inception: { classes: 1008, center: 128, scale: 128, countPadding: false, lastPool: "max" },
  "torchvision-inception": {
    classes: 1000,
    center: 127.5,
    scale: 127.5,
    countPadding: true,
    lastPool: "average",
  },
} as const satisfies Record<string, InceptionVariant>;

/** Images [N, 3, 299, 299], gray levels 0…255 as float32 → features [N, 2048] and logits. */
export function inception(scope: Scope, images: Tensor, variant: InceptionVariant): Classified {
  const at = (name: string): Scope => scope.child(name);
  const average = (x: Tensor): Tensor =>
    averagePool(x, { window: 3, stride: 1, padding: 1, countPadding: variant.countPadding });
  const lastPool =
    variant.lastPool === "max" ? (x: Tensor) => maxPool(x, { window: 3, stride: 1, padding: 1 }) : average;

  let x = mul(sub(images, variant.center), 1 / variant.scale);
  x = convolve(at("Conv2d_1a_3x3"), x, 32, 3, { stride: 2, padding: "valid" });
  x = convolve(at("Conv2d_2a_3x3"), x, 32, 3, { padding: "valid" });
  x = convolve(at("Conv2d_2b_3x3"), x, 64, 3);
  x = maxPool(x, HALVE);
  x = convolve(at("Conv2d_3b_1x1"), x, 80, 1);
  x = convolve(at("Conv2d_4a_3x3"), x, 192, 3, { padding: "valid" });
  x = maxPool(x, HALVE);
  x = blockA(at("Mixed_5b"), x, 32, average);
  x = blockA(at("Mixed_5c"), x, 64, average);
  x = blockA(at("Mixed_5d"), x, 64, average);
  x = blockB(at("Mixed_6a"), x);
  x = blockC(at("Mixed_6b"), x, 128, average);
  x = blockC(at("Mixed_6c"), x, 160, average);
  x = blockC(at("Mixed_6d"), x, 160, average);
  x = blockC(at("Mixed_6e"), x, 192, average);
  x = blockD(at("Mixed_7a"), x);
  x = blockE(at("Mixed_7b"), x, average);
  x = blockE(at("Mixed_7c"), x, lastPool);
  const features = mean(x, [2, 3]);
  const logits = linear(at("fc"), features, variant.classes, {
    kernel: zeros,
    bias: () => zeros,
    spectralNorm: false,
  });
  return { features, logits };
}

const HALVE = { window: 3, stride: 2 } as const;
const NORM: BatchNormOptions = { epsilon: 0.001, decay: 0.9, unbiasedRunningVariance: true };

type Size = number | readonly [number, number];
type Pool = (x: Tensor) => Tensor;

/** relu(norm(conv(x))); weights come from a file, so the first values do not matter. */
function convolve(
  scope: Scope,
  x: Tensor,
  channels: number,
  size: Size,
  options: { readonly stride?: number; readonly padding?: "same" | "valid" } = {},
): Tensor {
  const { stride = 1, padding = "same" } = options;
  return relu(
    normalizedConvolution(scope, x, { channels, size, stride, padding, initialize: zeros, norm: NORM }),
  );
}

/** Convolutions one after another, each the name behind `branch`, channels and kernel. */
function chain(scope: Scope, x: Tensor, ...layers: readonly (readonly [string, number, Size])[]): Tensor {
  return layers.reduce(
    (y, [name, channels, size]) => convolve(scope.child(`branch${name}`), y, channels, size),
    x,
  );
}

/** 35 × 35 maps. */
function blockA(scope: Scope, x: Tensor, pooled: number, pool: Pool): Tensor {
  return concat(
    [
      chain(scope, x, ["1x1", 64, 1]),
      chain(scope, x, ["5x5_1", 48, 1], ["5x5_2", 64, 5]),
      chain(scope, x, ["3x3dbl_1", 64, 1], ["3x3dbl_2", 96, 3], ["3x3dbl_3", 96, 3]),
      chain(scope, pool(x), ["_pool", pooled, 1]),
    ],
    1,
  );
}

/** 35 × 35 → 17 × 17. */
function blockB(scope: Scope, x: Tensor): Tensor {
  const halving = { stride: 2, padding: "valid" } as const;
  const double = chain(scope, x, ["3x3dbl_1", 64, 1], ["3x3dbl_2", 96, 3]);
  return concat(
    [
      convolve(scope.child("branch3x3"), x, 384, 3, halving),
      convolve(scope.child("branch3x3dbl_3"), double, 96, 3, halving),
      maxPool(x, HALVE),
    ],
    1,
  );
}

/** 17 × 17 maps; 7 × 7 kernels as rows and columns in turn. */
function blockC(scope: Scope, x: Tensor, inner: number, pool: Pool): Tensor {
  const [row, column]: [Size, Size] = [
    [1, 7],
    [7, 1],
  ];
  const double = chain(
    scope,
    x,
    ["7x7dbl_1", inner, 1],
    ["7x7dbl_2", inner, column],
    ["7x7dbl_3", inner, row],
    ["7x7dbl_4", inner, column],
    ["7x7dbl_5", 192, row],
  );
  return concat(
    [
      chain(scope, x, ["1x1", 192, 1]),
      chain(scope, x, ["7x7_1", inner, 1], ["7x7_2", inner, row], ["7x7_3", 192, column]),
      double,
      chain(scope, pool(x), ["_pool", 192, 1]),
    ],
    1,
  );
}

/** 17 × 17 → 8 × 8. */
function blockD(scope: Scope, x: Tensor): Tensor {
  const halving = { stride: 2, padding: "valid" } as const;
  const narrow = chain(scope, x, ["3x3_1", 192, 1]);
  const wide = chain(scope, x, ["7x7x3_1", 192, 1], ["7x7x3_2", 192, [1, 7]], ["7x7x3_3", 192, [7, 1]]);
  return concat(
    [
      convolve(scope.child("branch3x3_2"), narrow, 320, 3, halving),
      convolve(scope.child("branch7x7x3_4"), wide, 192, 3, halving),
      maxPool(x, HALVE),
    ],
    1,
  );
}

/** 8 × 8 maps; the last kernels side by side instead of one after another. */
function blockE(scope: Scope, x: Tensor, pool: Pool): Tensor {
  const narrow = chain(scope, x, ["3x3_1", 384, 1]);
  const double = chain(scope, x, ["3x3dbl_1", 448, 1], ["3x3dbl_2", 384, 3]);
  return concat(
    [
      chain(scope, x, ["1x1", 320, 1]),
      chain(scope, narrow, ["3x3_2a", 384, [1, 3]]),
      chain(scope, narrow, ["3x3_2b", 384, [3, 1]]),
      chain(scope, double, ["3x3dbl_3a", 384, [1, 3]]),
      chain(scope, double, ["3x3dbl_3b", 384, [3, 1]]),
      chain(scope, pool(x), ["_pool", 192, 1]),
    ],
    1,
  );
}
