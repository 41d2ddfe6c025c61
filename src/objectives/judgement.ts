/**
 * What the discriminator says of single images in their four quarter turns: the score of its real/fake head and the guess of its rotation
 * head. For looking at, not for learning: inference mode, the vectors of spectral normalization stay as they are, no state is written.
 */
import { compile, input, type Target, type Tensor } from "../graph/index.ts";
import type { Program } from "../graph/program.ts";
import { DISCRIMINATORS } from "../models/registry.ts";
import { traceNetwork } from "../nn/scope.ts";
import { tie } from "./flat.ts";
import { discriminatorState } from "./inspector.ts";
import { decodeImages, judge, oneHot } from "./networks.ts";
import { quarterTurn, TURNS } from "./rotation.ts";
import type { StepSettings } from "./settings.ts";

/** Images in one run of the program; the discriminator sees four times as many. */
export const JUDGED_BATCH = 16;

/**
 * images uint8 [M, S, S, 3] (and, for a discriminator that is told the class, labels int64 [M]) → `score` [4M, 1], logits of the real/fake
 * head, and with self-supervision `rotation` [4M, 4], logits of the rotation head. Rows: all upright, then all turned anticlockwise
 * by 90°, by 180°, by 270°.
 */
export function judgementProgram(settings: StepSettings, target: Target, count = JUDGED_BATCH): Program {
  const { resolution, classes } = settings.data;
  const discriminator = traceNetwork("discriminator", false);
  const feeds: Record<string, Tensor> = {
    images: input("images", [count, resolution, resolution, 3], "uint8"),
  };
  const upright = decodeImages(feeds.images!, DISCRIMINATORS[settings.discriminator.architecture].imageRange);
  const turned = ([0, 1, 2, 3] as const).map((turns) => quarterTurn(upright, turns));
  if (settings.discriminator.conditioning !== "none") feeds.labels = input("labels", [count], "int64");
  const told = feeds.labels && oneHot(feeds.labels, classes);
  const { real, rotation } = judge(discriminator.scope, turned, settings, {
    classes: told ? Array.from({ length: TURNS }, () => told) : [],
  });

  const { reads, replacements } = discriminatorState(discriminator);
  const results = { score: real, ...(rotation && { rotation }) };
  return compile(
    { name: "judgement", feeds, reads, ...tie({ results, writes: {} }, [replacements]) },
    target,
  );
}
