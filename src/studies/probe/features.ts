/**
 * What a discriminator has learned to see: the output of each of its blocks, pooled to a vector, for many images. The discriminator is in
 * inference mode, its spectral-norm vectors stay as they are.
 */
import { imageBytes } from "../../data/store.ts";
import type { Engine } from "../../engine/engine.ts";
import { compile, input, mean, reshape, substitute, type Target, type Tensor } from "../../graph/index.ts";
import type { Program } from "../../graph/program.ts";
import { DISCRIMINATORS } from "../../models/registry.ts";
import { traceNetwork } from "../../nn/scope.ts";
import { layoutOf, unpack } from "../../objectives/flat.ts";
import { decodeImages, judge } from "../../objectives/networks.ts";
import type { StepSettings } from "../../objectives/settings.ts";
import type { NetworkLayout } from "../../objectives/steps.ts";

/** Images in one run of the program. */
export const FEATURE_BATCH = 100;

/** Numbers a block's map is pooled to at the most (Zhang, Isola and Efros 2016, whose protocol the paper follows, keep about 9,000). */
export const FULL_FEATURES = 9000;

/** A block of the discriminator as the probe sees it. */
export interface ProbedBlock {
  /** `block1`, in the order of the network. */
  readonly name: string;
  /** Channels, and the side of the pooled map. */
  readonly channels: number;
  readonly side: number;
  /** channels · side² */
  readonly dimensions: number;
}

/** The compiled features. */
export interface FeatureProgram {
  /** Feeds `images` uint8 [FEATURE_BATCH, S, S, 3]; one result a block, float32 [FEATURE_BATCH, dimensions]. Reads the discriminator's state. */
  readonly program: Program;
  readonly blocks: readonly ProbedBlock[];
  /** Of the state that the program reads. */
  readonly layout: NetworkLayout;
}

/**
 * Build the features of every block.
 * @param limit numbers a block is pooled to at the most; 1 means the mean over the whole map
 */
export function buildFeatures(settings: StepSettings, target: Target, limit = FULL_FEATURES): FeatureProgram {
  const { resolution } = settings.data;
  const architecture = DISCRIMINATORS[settings.discriminator.architecture];
  const trace = traceNetwork("discriminator", false);
  const bytes = input("images", [FEATURE_BATCH, resolution, resolution, 3], "uint8");
  const images = decodeImages(bytes, architecture.imageRange);
  const maps = architecture.features(trace.scope, images, settings.discriminator).blocks;
  // The heads are part of the flat vector; traced after the trunk, as in training, they take their places in it. No result depends on
  // them, so the classes that a projection wants need not be fed.
  const classes =
    settings.discriminator.conditioning === "none"
      ? []
      : [input("classes", [FEATURE_BATCH, settings.data.classes])];
  judge(trace.scope, [images], settings, { classes });

  const results: Record<string, Tensor> = {};
  const blocks = maps.map((map, i): ProbedBlock => {
    const [, channels = 1, height = 1] = map.shape;
    const side = pooledSide(channels, height, limit);
    const name = `block${i + 1}`;
    results[name] = poolTo(map, side);
    return { name, channels, side, dimensions: channels * side * side };
  });

  const parameters = unpack("discriminator/parameters", trace.parameters);
  const reads: Record<string, Tensor> = { "discriminator/parameters": parameters.vector };
  const bound = new Map(parameters.replacements);
  if (trace.buffers.length > 0) {
    const buffers = unpack("discriminator/buffers", trace.buffers);
    reads["discriminator/buffers"] = buffers.vector;
    for (const [leaf, part] of buffers.replacements) bound.set(leaf, part);
  }
  const program = compile(
    { name: "probeFeatures", feeds: { images: bytes }, reads, results: substitute(results, bound) },
    target,
  );
  return { program, blocks, layout: layoutOf(trace) };
}

/** The largest side a map can be pooled to in equal patches so that no more than `limit` numbers remain; at least 1. */
export function pooledSide(channels: number, side: number, limit: number): number {
  for (let pooled = side; pooled > 1; pooled--)
    if (side % pooled === 0 && channels * pooled * pooled <= limit) return pooled;
  return 1;
}

/** x [N, C, S, S] → [N, C · side²]: means over equal patches. */
function poolTo(x: Tensor, side: number): Tensor {
  const [n = 1, c = 1, s = 1] = x.shape;
  const patch = s / side;
  return reshape(mean(reshape(x, [n, c, side, patch, side, patch]), [3, 5]), [n, c * side * side]);
}

/** Images to look at, by number. */
export interface ProbeImages {
  readonly count: number;
  readonly size: number;
  read(index: number, out: Uint8Array, offset: number): void;
}

/**
 * Features of some images for the blocks asked for. The engine must hold the discriminator's state.
 * @param indices which images
 * @param signal aborting it ends the work with its reason
 * @returns by block, float32 [indices.length, dimensions]
 */
export async function extractFeatures(
  engine: Engine,
  { program, blocks }: FeatureProgram,
  images: ProbeImages,
  indices: ArrayLike<number>,
  wanted: readonly string[],
  onProgress?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<Record<string, Float32Array>> {
  const total = indices.length;
  const chosen = blocks.filter(({ name }) => wanted.includes(name));
  const features = Object.fromEntries(
    chosen.map(({ name, dimensions }) => [name, new Float32Array(total * dimensions)]),
  );
  const bytes = imageBytes(images.size);
  const executable = await engine.compile(program);
  try {
    for (let start = 0; start < total; start += FEATURE_BATCH) {
      signal?.throwIfAborted();
      const size = Math.min(FEATURE_BATCH, total - start);
      const batch = new Uint8Array(FEATURE_BATCH * bytes);
      for (let i = 0; i < size; i++) images.read(indices[start + i]!, batch, i * bytes);
      const results = await executable.run({ images: batch });
      for (const { name, dimensions } of chosen)
        features[name]!.set(
          (results[name] as Float32Array).subarray(0, size * dimensions),
          start * dimensions,
        );
      onProgress?.(start + size, total);
    }
  } finally {
    await executable.release();
  }
  return features;
}
