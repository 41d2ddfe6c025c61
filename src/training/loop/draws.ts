/**
 * Drawing what programs want drawn (objectives/steps/draws.ts) from the seeded streams of a run,
 * whose states are saved in checkpoints.
 */
import { type RandomState, type RandomStream, randomStream, restoreStream } from "../../base/random.ts";
import type { TensorData } from "../../engine/engine.ts";
import { type DrawnFeed, STREAMS } from "../../objectives/steps/draws.ts";
import type { Steps } from "../../objectives/steps.ts";
import { drawLabels, drawLatents } from "../sampling/samples.ts";
import type { LatentDistribution } from "../settings.ts";

/** The streams of a run by name. */
export type Streams = Readonly<Record<string, RandomStream>>;

/**
 * The streams that the programs of `steps` draw from: as they were saved, or fresh ones under
 * `seed`, each under its own name. A saved state without a stream that is wanted now is from a time
 * when nothing was drawn from it, so that it begins then.
 */
export function openStreams(
  draws: Steps["draws"],
  seed: number,
  saved: Readonly<Record<string, RandomState>> = {},
): Streams {
  const names = new Set<string>([STREAMS.latents]);
  for (const feeds of Object.values(draws)) for (const { stream } of feeds) names.add(stream);
  return Object.fromEntries(
    [...names].map((name) => [name, saved[name] ? restoreStream(saved[name]) : randomStream(seed, name)]),
  );
}

/** The states of streams, for a checkpoint. */
export const saveStreams = (streams: Streams): Record<string, RandomState> =>
  Object.fromEntries(Object.entries(streams).map(([name, stream]) => [name, stream.save()]));

/** What distributions refer to. */
export interface DrawSettings {
  readonly latentDistribution: LatentDistribution;
  /** Number of classes. */
  readonly classes: number;
}

/** Draw all feeds of a program, in their order. */
export function drawFeeds(
  feeds: readonly DrawnFeed[],
  streams: Streams,
  settings: DrawSettings,
): Record<string, TensorData> {
  return Object.fromEntries(feeds.map((feed) => [feed.name, draw(feed, streams[feed.stream]!, settings)]));
}

function draw({ shape, values }: DrawnFeed, stream: RandomStream, settings: DrawSettings): TensorData {
  const count = shape.reduce((product, n) => product * n, 1);
  if (typeof values === "object") return drawLabels(stream, count, values.below);
  switch (values) {
    case "latents":
      return drawLatents(stream, count, 1, settings.latentDistribution);
    case "classes":
      return drawLabels(stream, count, settings.classes);
    case "normal":
      return drawLatents(stream, count, 1, "normal");
    case "uniform":
      return Float32Array.from({ length: count }, () => belowOne(stream));
  }
}

/**
 * Uniform in [0, 1) with 24 bits, which float32 holds exactly: 32 bits could be rounded up to 1.
 */
const belowOne = (stream: RandomStream): number => (stream.uint32() >>> 8) / 2 ** 24;
