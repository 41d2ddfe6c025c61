/**
 * What lines of `metrics.jsonl` and `evaluations.jsonl` must hold, kind by kind: everything that
 * reports, the studio and TensorBoard's files read of them. Records come from other people too.
 */
import { z } from "zod";
import type { RecordLine } from "../../events.ts";
import { ADJUSTABLE } from "../../loop/control/adjustable.ts";
import { rescueSchema } from "../../loop/control/control.ts";

const count = z.int().min(0);
const numbers = z.record(z.string(), z.number());

/**
 * Pictures and documents of a run, as `samples.ts` names them: in `samples/`, by their step.
 * Nothing else, and no way out of the run.
 */
export const SAMPLE_PICTURE = /^samples\/\d{7,16}(?:-ema)?\.png$/;
/** What the discriminator made of a grid. */
export const SAMPLE_PREDICTIONS = /^samples\/\d{7,16}\.judgement\.json$/;
/** How the weights were spread. */
export const SAMPLE_WEIGHTS = /^samples\/\d{7,16}\.weights\.json$/;

const step = z.looseObject({
  kind: z.literal("step"),
  step: count,
  discriminator: numbers,
  generator: numbers,
  learningRate: z.number(),
  discriminatorLearningRate: z.number().optional(),
  alpha: z.number().optional(),
  beta: z.number().optional(),
  time: z.number(),
  stepSeconds: z.number(),
  imagesPerSecond: z.number(),
});

const sample = z.looseObject({
  kind: z.literal("sample"),
  step: count,
  file: z.string().regex(SAMPLE_PICTURE),
  averagedFile: z.string().regex(SAMPLE_PICTURE).optional(),
  judgement: z.string().regex(SAMPLE_PREDICTIONS).optional(),
  diversity: z.number(),
  heldOut: z
    .looseObject({
      count,
      ...{ trained: z.number(), heldOut: z.number(), generated: z.number() },
      ...{ error: z.number(), positive: z.number() },
    })
    .optional(),
  layerNorms: numbers.optional(),
  histograms: z.string().regex(SAMPLE_WEIGHTS).optional(),
  process: z.looseObject({ memoryBytes: count, cores: z.number().min(0) }).optional(),
  asked: z.literal(true).optional(),
});

const metric = z.looseObject({
  mean: z.number(),
  deviation: z.number().nullable(),
  values: z.array(z.number()),
});

const evaluation = z.looseObject({
  kind: z.literal("evaluation"),
  step: count,
  weights: z.enum(["averaged", "latest"]),
  seconds: z.number().optional(),
  protocol: z.string(),
  features: z.looseObject({ name: z.string(), hash: z.string(), dimensions: count }),
  reference: z.looseObject({ data: z.string(), hash: z.string(), split: z.string(), count, of: count }),
  generated: z.looseObject({ count, quantisation: z.string() }),
  resize: z.looseObject({ from: count, to: count, method: z.string() }),
  kidSampling: z.unknown(),
  inceptionScoreSplits: count,
  repeats: count,
  metrics: z.record(z.string(), metric),
  warnings: z.array(z.string()),
});

const probed = z.looseObject({ data: z.string(), hash: z.string(), split: z.string(), count, of: count });

const probe = z.looseObject({
  kind: z.literal("probe"),
  step: count,
  protocol: z.looseObject({
    name: z.string(),
    pooling: z.string(),
    epochs: count,
    batchSize: count,
    learningRate: z.number(),
    momentum: z.number(),
    weightDecay: z.number(),
    seeds: z.array(z.number()),
  }),
  train: probed,
  test: probed,
  classes: count,
  accuracies: numbers,
  best: z.string(),
});

const change = z.looseObject({
  kind: z.literal("change"),
  step: count,
  id: z.int().min(1),
  values: z.partialRecord(z.enum(ADJUSTABLE), z.number()),
  rescue: rescueSchema.optional(),
});

const warning = z.looseObject({
  kind: z.literal("warning"),
  step: count,
  name: z.string(),
  message: z.string(),
  advice: z.string(),
});

const ended = z.looseObject({
  kind: z.literal("ended"),
  how: z.enum(["finished", "stopped", "diverged", "crashed"]),
  step: count,
  time: z.number(),
  message: z.string(),
  advice: z.string(),
});

/** A line of a record, of one of the seven kinds. */
const recordLineSchema = z.discriminatedUnion("kind", [
  ...([step, sample, evaluation, probe, change, warning, ended] as const),
]);

/**
 * A kind that the schema does not know would be lost in reading: this is an error of types then.
 */
type Known = z.infer<typeof recordLineSchema>["kind"];
true satisfies RecordLine["kind"] extends Known ? true : never;

/** A line of a record; undefined for what is none. */
export function asRecordLine(value: unknown): RecordLine | undefined {
  const result = recordLineSchema.safeParse(value);
  return result.success ? (result.data as RecordLine) : undefined;
}
