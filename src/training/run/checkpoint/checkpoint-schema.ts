/**
 * What `meta.json` of a checkpoint must say. Its checksum tells damage; this tells files that were
 * made wrong, checksum and all.
 */
import { z } from "zod";
import type { AlarmState } from "../../loop/health/alarms.ts";
import type { Progress } from "../../loop/recorder.ts";

/** What `meta.json` calls itself. */
export const FORMAT = "quarterturn-checkpoint";
export const VERSION = 1;
/** The two files of tensors. */
export const WEIGHTS = "weights.safetensors";
export const STATE = "state.safetensors";

/** Length and checksum of a file. */
export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/** What a checkpoint was made from; configuration and data must agree for it to be continued. */
export interface Provenance {
  /** Hash of the configuration. */
  readonly config: string;
  /** Hash of the images. */
  readonly data: string;
  /** The engine's description of itself, with the runtime's version. */
  readonly engine: string;
}

/** `meta.json`. */
export interface CheckpointMeta {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly progress: Progress;
  readonly provenance: Provenance;
  /** Versions of this program and of what it runs on, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<typeof WEIGHTS | typeof STATE, FileDigest>>;
}

const count = z.int().min(0);
/** A word of a random stream: 32 bits. */
const word = z.int().min(0).max(0xffff_ffff);

const randomState = z.strictObject({
  words: z.tuple([word, word, word, word]),
  spare: z.number().nullable(),
});

const batchState = z
  .strictObject({ count: z.int().min(1), epoch: count, position: count, random: randomState })
  .refine(({ count: images, position }) => position <= images, {
    path: ["position"],
    message: "lies beyond the images",
  });

/** Missing in checkpoints of earlier versions. */
const alarms: z.ZodType<AlarmState> = z.strictObject({
  early: z.record(z.string(), z.array(z.number())),
  ...{ sameAnswers: count, alike: count },
  overfitting: z.exactOptional(z.strictObject({ since: count, times: count })),
});

const digest = z.strictObject({ bytes: count, sha256: z.string() });

/** A checkpoint's description, without its checksum. */
export const checkpointMetaSchema: z.ZodType<CheckpointMeta> = z.strictObject({
  format: z.literal("quarterturn-checkpoint"),
  version: z.literal(1),
  progress: z.strictObject({
    step: count,
    updates: z.strictObject({ generator: count, discriminator: count }),
    streams: z.record(z.string(), randomState),
    batches: batchState,
    health: z.strictObject({
      means: z.record(z.string(), z.strictObject({ mean: z.number(), count })),
      active: z.array(z.string()),
      lowDiversity: count,
      bestRotation: z.number(),
      alarms: z.exactOptional(alarms),
    }),
  }),
  provenance: z.strictObject({ config: z.string(), data: z.string(), engine: z.string() }),
  versions: z.record(z.string(), z.string()),
  // No other names: they become paths.
  files: z.strictObject({ "weights.safetensors": digest, "state.safetensors": digest }),
});

/** The state of a random stream, as checkpoints have it. */
export const randomStateSchema: z.ZodType<z.output<typeof randomState>> = randomState;
