/**
 * The networks of a golden case in one pass: generated images, every block's output, pooled
 * features and logits.
 */
import { expect } from "vitest";
import {
  add,
  concat,
  input,
  mean,
  reshape,
  sizeOf,
  type Target,
  type Tensor,
} from "../../src/graph/index.ts";
import { evaluate, type Values } from "../../src/graph/testing/evaluate.ts";
import type { DiscriminatorArchitecture } from "../../src/models/model.ts";
import { DISCRIMINATORS, GENERATORS } from "../../src/models/registry.ts";
import { traceNetwork } from "../../src/nn/scope.ts";
import { decodeImages, oneHot, rows } from "../../src/objectives/images.ts";
import { generate } from "../../src/objectives/networks.ts";
import { quarterTurn } from "../../src/objectives/pretext/quarter-turn.ts";
import type { StepSettings } from "../../src/objectives/settings.ts";
import { expectGolden, feedOf, initialValue } from "./compare-steps.ts";
import { type GoldenStep, stride } from "./step-goldens.ts";

/**
 * Trace the pass of the discriminator's step: [real N; the last n of them in three turns; generated
 * N].
 */
function forward(settings: StepSettings) {
  const { data, training, generator, discriminator, objective } = settings;
  const [n, count] = [objective.rotatedBatch / 4, training.batchSize];
  const feeds: Record<string, Tensor> = {
    images: input("images", [count, data.resolution, data.resolution, 3], "uint8"),
    latents: input("latents", [count, generator.latentSize]),
    ...(data.classes > 0 && {
      labels: input("labels", [count], "int64"),
      fakeLabels: input("fakeLabels", [count], "int64"),
    }),
  };
  const classes = (labels: Tensor | undefined) => labels && oneHot(labels, data.classes);
  const [real, fake] = [classes(feeds.labels), classes(feeds.fakeLabels)];
  const traces = [traceNetwork("generator", true), traceNetwork("discriminator", true)] as const;
  const noise = (name: string, shape: readonly number[]): Tensor => {
    feeds[`noise/${name}`] ??= input(`noise/${name}`, shape);
    return feeds[`noise/${name}`]!;
  };
  const fakeImages = generate(traces[0].scope, { z: feeds.latents!, classes: fake, noise }, settings);

  const network: DiscriminatorArchitecture = DISCRIMINATORS[discriminator.architecture];
  const { scope } = traces[1];
  const images = decodeImages(feeds.images!, GENERATORS[generator.architecture].imageRange);
  const turned = [1, 2, 3].map((turns) => quarterTurn(rows(images, count - n, count), turns));
  const shown = concat([images, ...turned, fakeImages], 0);
  const features = network.features(scope, shown, discriminator);
  const { blocks, pooled } = features;
  const patches = network.patches?.(scope.child("patches"), features, discriminator);
  let logits = patches
    ? mean(patches, [1], true)
    : network.head(scope.child("finalFc"), pooled, 1, discriminator);
  if (discriminator.conditioning === "projection") {
    const last = rows(real!, count - n, count);
    const shownClasses = concat([real!, last, last, last, fake!], 0);
    logits = add(logits, network.projection(scope.child("projection"), pooled, shownClasses, discriminator));
  }
  const rotationLogits = network.head(scope.child("rotation"), pooled, 4, discriminator);
  const maps = Object.fromEntries(blocks.map((map, i) => [`block${i + 1}`, map]));
  const results = {
    ...maps,
    pooled,
    rotationLogits,
    fakeImages,
    logits: reshape(logits, [logits.shape[0]!]),
  };
  return { feeds, traces, results: results as Record<string, Tensor> };
}

/** Compare what the golden case has of the pass. */
export async function compareForward(golden: GoldenStep, target: Target): Promise<void> {
  const { feeds, traces, results } = forward(golden.settings);
  const values = new Map<Tensor, Values>(
    Object.entries(feeds).map(([name, leaf]) => [leaf, feedOf(golden, "dStep", name, leaf.shape) as Values]),
  );
  for (const { parameters, buffers } of traces)
    for (const owned of [...parameters, ...buffers]) values.set(owned.leaf, initialValue(golden, owned));
  const found = await evaluate(results, values, target);
  for (const [name, shape] of Object.entries(golden.forward)) {
    const size = sizeOf(shape);
    const actual = found[name] as Float32Array;
    expect(actual.length, `size of ${name}`).toBe(size);
    const kept = actual.filter((_, i) => i % stride(size) === 0);
    expectGolden(golden, `dStep/forward/${name}`, kept);
  }
}
