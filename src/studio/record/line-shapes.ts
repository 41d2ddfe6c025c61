/**
 * What lines of a record must have for the page to show them. A record may come from elsewhere: a
 * line without it is passed over, as one that is no JSON is.
 */
import { z } from "zod";
import type { RecordLine } from "../../training/events.ts";

const images = z.looseObject({ data: z.string(), split: z.string(), count: z.number() });
const step = z.number();
/** A picture or what belongs to it, below the run folder. */
const file = z.string();

const SHAPES: Readonly<Record<Exclude<RecordLine["kind"], "step">, z.ZodType>> = {
  sample: z.looseObject({
    ...{ step, file, diversity: z.number() },
    ...{ averagedFile: file.optional(), judgement: file.optional() },
    histograms: file.optional(),
    layerNorms: z.record(z.string(), z.number()).optional(),
    process: z.looseObject({ memoryBytes: z.number(), cores: z.number() }).optional(),
  }),
  evaluation: z.looseObject({
    ...{ step, protocol: z.string(), reference: images },
    features: z.looseObject({ name: z.string() }),
    generated: z.looseObject({ count: z.number(), quantisation: z.string() }),
    metrics: z.record(z.string(), z.looseObject({ mean: z.number() })),
  }),
  probe: z.looseObject({
    ...{ step, test: images, classes: z.number(), best: z.string() },
    protocol: z.looseObject({ name: z.string(), epochs: z.number() }),
    accuracies: z.record(z.string(), z.number()),
  }),
  warning: z.looseObject({ step, name: z.string(), message: z.string(), advice: z.string() }),
  ended: z.looseObject({
    ...{ step, how: z.enum(["finished", "stopped", "diverged", "crashed"]), time: z.number() },
    ...{ message: z.string(), advice: z.string() },
  }),
  change: z.looseObject({ step, id: z.number(), values: z.record(z.string(), z.number()) }),
};
const shapes = new Map<string, z.ZodType>(Object.entries(SHAPES));

/** Whether a line other than a step's is of a kind that is known here, and whole. */
export const isWhole = (line: { readonly kind: string }): boolean =>
  shapes.get(line.kind)?.safeParse(line).success ?? false;
