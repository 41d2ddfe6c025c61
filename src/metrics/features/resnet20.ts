/**
 * The project's own feature network: the 20-layer residual network for CIFAR-10 of He et al. 2015
 * ("Deep Residual Learning for Image Recognition", §4.2, n = 3), with 1 × 1 projections where the
 * shape changes (option B) and batch normalization after every convolution.
 * `scripts/features/train.ts` trains it with this project's engine; the result lies in
 * `assets/features/`.
 *
 *     conv 3×3, 16 → 3 blocks of 16 at S → 3 blocks of 32 at S/2 → 3 blocks of 64 at S/4 → mean over the map → linear, 10 classes
 *
 * The features are the 64 means before the linear layer.
 */
import { add, constant, mean, mul, relu, sub, type Tensor } from "../../graph/index.ts";
import type { BatchNormOptions } from "../../nn/batch-norm.ts";
import { fans, normal, zeros } from "../../nn/initializers.ts";
import { linear } from "../../nn/linear.ts";
import { type NormalizedConvolution, normalizedConvolution } from "../../nn/normalized-convolution.ts";
import type { Initializer, Scope } from "../../nn/scope.ts";

/** The classes of CIFAR-10, in the order of its labels. */
export const CIFAR10_CLASSES = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
] as const;

/** What a network that can serve as a metric's eye gives. */
export interface Classified {
  /** [N, F] */
  readonly features: Tensor;
  /** [N, K], before the softmax. */
  readonly logits: Tensor;
}

/** Channels of the three stages; three blocks each. */
const STAGES = [16, 32, 64] as const;
const BLOCKS = 3;
/** PyTorch's constants. */
const NORM: BatchNormOptions = { epsilon: 1e-5, decay: 0.9, unbiasedRunningVariance: true };
/** Mean and standard deviation of the training images' channels, gray levels 0…255. */
const MEAN = [125.3, 123, 113.9];
const DEVIATION = [63, 62.1, 66.7];

/** He et al. 2015 ("Delving Deep into Rectifiers"): N(0, 2 / fan-out), for layers before a ReLU. */
const heNormal: Initializer = (shape, random) => normal(Math.sqrt(2 / fans(shape).fanOut))(shape, random);

/**
 * Images [N, 3, S, S], gray levels 0…255 as float32, S divisible by 4 → features [N, 64] and logits
 * [N, 10]. Batch statistics or running ones, as the scope says.
 */
export function resnet20(scope: Scope, images: Tensor): Classified {
  const centered = sub(images, constant(MEAN, [1, 3, 1, 1]));
  const normalized = mul(
    centered,
    constant(
      DEVIATION.map((d) => 1 / d),
      [1, 3, 1, 1],
    ),
  );
  let x = relu(convolve(scope.child("conv1"), normalized, { channels: 16, size: 3 }));
  for (const [stage, channels] of STAGES.entries())
    for (let block = 0; block < BLOCKS; block++)
      x = residual(
        scope.child(`stage${stage + 1}/block${block + 1}`),
        x,
        channels,
        stage > 0 && block === 0 ? 2 : 1,
      );
  const features = mean(x, [2, 3]);
  const logits = linear(scope.child("classes"), features, CIFAR10_CLASSES.length, {
    kernel: heNormal,
    bias: () => zeros,
    spectralNorm: false,
  });
  return { features, logits };
}

/** relu(norm(conv(relu(norm(conv(x))))) + shortcut(x)) */
function residual(scope: Scope, x: Tensor, channels: number, stride: number): Tensor {
  const hidden = relu(convolve(scope.child("conv1"), x, { channels, size: 3, stride }));
  const main = convolve(scope.child("conv2"), hidden, { channels, size: 3 });
  const skip =
    stride === 1 && x.shape[1] === channels
      ? x
      : convolve(scope.child("shortcut"), x, { channels, size: 1, stride });
  return relu(add(main, skip));
}

const convolve = (
  scope: Scope,
  x: Tensor,
  options: Pick<NormalizedConvolution, "channels" | "size" | "stride">,
): Tensor =>
  normalizedConvolution(scope, x, { ...options, padding: "same", initialize: heNormal, norm: NORM });
