/**
 * What the discriminator says of single images in their four quarter turns: the score of its real/fake head and the guess of its rotation
 * head. For looking at, not for learning: inference mode, the vectors of spectral normalization stay as they are, no state is written.
 */
import { compile, concat, input, substitute, type Target, type Tensor } from "../graph/index.ts";
import type { Program } from "../graph/program.ts";
import { traceNetwork } from "../nn/scope.ts";
import { networkState } from "./flat.ts";
import { inspectImages, scoresClasses } from "./inspector.ts";
import { decodeImages } from "./networks.ts";
import { quarterTurn, TURNS } from "./rotation.ts";
import type { StepSettings } from "./settings.ts";
import { imageRangeOf } from "./step-inputs.ts";

/** Images in one run of the program; the discriminator sees four times as many. */
export const JUDGED_BATCH = 16;

/**
 * images uint8 [M, S, S, 3] (and, for a discriminator that is told the class, labels int64 [M]) → `score` [4M, 1], logits of the real/fake
 * head, and with self-supervision `rotation` [4M, 4], logits of the rotation head. Rows: all upright, then all turned anticlockwise
 * by 90°, by 180°, by 270°.
 */
export function judgementProgram(settings: StepSettings, target: Target, count = JUDGED_BATCH): Program {
  const { resolution } = settings.data;
  const trace = traceNetwork("discriminator", false);
  const images = input("images", [count, resolution, resolution, 3], "uint8");
  const upright = decodeImages(images, imageRangeOf(settings));
  const turned = ([0, 1, 2, 3] as const).map((turns) => quarterTurn(upright, turns));
  const labels = scoresClasses(settings) ? input("labels", [count], "int64") : undefined;
  const told = labels && concat(new Array<Tensor>(TURNS).fill(labels), 0);
  const { real, rotation } = inspectImages(trace, concat(turned, 0), told, settings);

  const { reads, replacements } = networkState(trace);
  const results = substitute({ score: real, ...(rotation && { rotation }) }, replacements);
  return compile({ name: "judgement", feeds: { images, ...(labels && { labels }) }, reads, results }, target);
}
