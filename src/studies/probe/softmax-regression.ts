/**
 * Softmax regression on fixed features, by stochastic gradient descent with momentum:
 *
 *     g = ∂/∂W [mean cross-entropy + ½ λ |W|²]      v ← μ v + g      W ← W − η v
 *
 * with the bias free of the penalty. It runs on the engine as one small program, so a probe is as
 * fast as the machine's matrix product.
 */
import type { RandomStream } from "../../base/random.ts";
import type { Engine } from "../../engine/engine.ts";
import {
  add,
  compile,
  gradients,
  input,
  logSoftmax,
  matmul,
  mul,
  neg,
  sub,
  sum,
  type Target,
} from "../../graph/index.ts";
import type { Program } from "../../graph/program.ts";

/** How a regression is trained. */
export interface RegressionOptions {
  readonly epochs: number;
  readonly batchSize: number;
  /** Step size at the beginning; it falls to 0 along half a cosine. */
  readonly learningRate: number;
  readonly momentum: number;
  /** λ */
  readonly weightDecay: number;
}

/** Features with labels. */
export interface LabeledFeatures {
  /** float32 [N, F] */
  readonly features: Float32Array;
  /** [N], 0 … K − 1 */
  readonly labels: ArrayLike<number>;
}

/** A trained regression on test images. */
export interface RegressionResult {
  /** Share of images whose class has the highest probability. */
  readonly top1: number;
  /** Mean cross-entropy of the last epoch's batches. */
  readonly loss: number;
}

const KERNEL = "probe/kernel";
const BIAS = "probe/bias";

function trainingProgram(
  dimensions: number,
  classes: number,
  options: RegressionOptions,
  target: Target,
): Program {
  const { batchSize, momentum, weightDecay } = options;
  const x = input("features", [batchSize, dimensions]);
  const oneHot = input("classes", [batchSize, classes]);
  const rate = input("learningRate", []);
  const kernel = input(KERNEL, [classes, dimensions]);
  const bias = input(BIAS, [classes]);
  const logits = add(matmul(x, kernel, false, true), bias);
  const loss = neg(mul(sum(mul(oneHot, logSoftmax(logits, 1))), 1 / batchSize));
  const [byKernel, byBias] = gradients(loss, [kernel, bias]) as [typeof kernel, typeof bias];
  const kernelVelocity = input(`${KERNEL}/velocity`, kernel.shape);
  const biasVelocity = input(`${BIAS}/velocity`, bias.shape);
  const nextKernel = add(mul(kernelVelocity, momentum), add(byKernel, mul(kernel, weightDecay)));
  const nextBias = add(mul(biasVelocity, momentum), byBias);
  return compile(
    {
      name: "probeStep",
      feeds: { features: x, classes: oneHot, learningRate: rate },
      reads: {
        [KERNEL]: kernel,
        [BIAS]: bias,
        [`${KERNEL}/velocity`]: kernelVelocity,
        [`${BIAS}/velocity`]: biasVelocity,
      },
      results: { loss },
      writes: {
        [KERNEL]: sub(kernel, mul(nextKernel, rate)),
        [BIAS]: sub(bias, mul(nextBias, rate)),
        [`${KERNEL}/velocity`]: nextKernel,
        [`${BIAS}/velocity`]: nextBias,
      },
    },
    target,
  );
}

/**
 * Train on one set of features and measure on another.
 * @param stream order of the batches; weights begin at 0, so this is all the chance there is
 * @throws RangeError when there are fewer images than a batch
 */
export async function softmaxRegression(
  engine: Engine,
  train: LabeledFeatures,
  test: LabeledFeatures,
  shape: { readonly dimensions: number; readonly classes: number },
  options: RegressionOptions,
  stream: RandomStream,
  signal?: AbortSignal,
): Promise<RegressionResult> {
  const { dimensions, classes } = shape;
  const { epochs, batchSize } = options;
  const count = train.labels.length;
  const batches = Math.floor(count / batchSize);
  if (batches < 1) throw new RangeError(`${count} images are fewer than a batch of ${batchSize}`);
  const step = await engine.compile(trainingProgram(dimensions, classes, options, engine.target));
  try {
    await engine.writeState({
      [KERNEL]: new Float32Array(classes * dimensions),
      [BIAS]: new Float32Array(classes),
      [`${KERNEL}/velocity`]: new Float32Array(classes * dimensions),
      [`${BIAS}/velocity`]: new Float32Array(classes),
    });
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    let loss = Number.NaN;
    for (let epoch = 0; epoch < epochs; epoch++) {
      signal?.throwIfAborted();
      shuffle(order, stream);
      const losses: Promise<number>[] = [];
      for (let b = 0; b < batches; b++) {
        const progress = (epoch * batches + b) / (epochs * batches);
        const rate = options.learningRate * 0.5 * (1 + Math.cos(Math.PI * progress));
        const picks = order.subarray(b * batchSize, (b + 1) * batchSize);
        const feeds = { ...gather(train, picks, shape), learningRate: Float32Array.of(rate) };
        losses.push(step.run(feeds).then((results) => Number(results.loss![0])));
        // A few batches ahead keep the engine busy; all of them would be a copy of the whole set.
        if (losses.length > 4) await losses.at(-4);
      }
      const all = await Promise.all(losses);
      loss = all.reduce((a, b) => a + b, 0) / all.length;
    }
    const weights = await engine.readState([KERNEL, BIAS]);
    return { top1: accuracy(weights[KERNEL]!, weights[BIAS]!, test, shape), loss };
  } finally {
    await step.release();
  }
}

function shuffle(order: Uint32Array, stream: RandomStream): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
}

function gather(
  { features, labels }: LabeledFeatures,
  picks: Uint32Array,
  { dimensions, classes }: { readonly dimensions: number; readonly classes: number },
): { features: Float32Array; classes: Float32Array } {
  const batch = new Float32Array(picks.length * dimensions);
  const oneHot = new Float32Array(picks.length * classes);
  picks.forEach((pick, i) => {
    batch.set(features.subarray(pick * dimensions, (pick + 1) * dimensions), i * dimensions);
    oneHot[i * classes + labels[pick]!] = 1;
  });
  return { features: batch, classes: oneHot };
}

/** Share of rows whose largest logit is that of their class. */
function accuracy(
  kernel: Float32Array,
  bias: Float32Array,
  { features, labels }: LabeledFeatures,
  { dimensions, classes }: { readonly dimensions: number; readonly classes: number },
): number {
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    const row = features.subarray(i * dimensions, (i + 1) * dimensions);
    let best = 0;
    let highest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) {
      let logit = bias[k]!;
      const weights = kernel.subarray(k * dimensions, (k + 1) * dimensions);
      for (let j = 0; j < dimensions; j++) logit += weights[j]! * row[j]!;
      if (logit > highest) {
        highest = logit;
        best = k;
      }
    }
    if (best === labels[i]) right++;
  }
  return right / labels.length;
}
