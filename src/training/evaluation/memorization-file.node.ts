/**
 * What `evaluate --memorization` leaves in a run: `memorization.json`, and the sheet
 * `memorization.png`.
 */
import { z } from "zod";
import { readOwn, readOwnJson } from "../run/folder/own-files.node.ts";

export const MEMORIZATION = { data: "memorization.json", sheet: "memorization.png" } as const;
/** A sheet of 64 samples of 512 × 512 that cannot be compressed is 150 MB. */
const MAX_BYTES = 200_000_000;

const share = z.number().min(0).max(1);
const near = z.object({ index: z.int().min(0), distance: z.number().min(0), percentile: share });
const space = z.object({ median: share, near: share });
const corner = z.tuple([z.int().min(0), z.int().min(0)]);

const schema = z.object({
  step: z.int().min(0),
  weights: z.enum(["averaged", "latest"]),
  features: z.object({ name: z.string(), hash: z.string() }),
  training: z.object({
    data: z.string(),
    hash: z.string(),
    split: z.string(),
    count: z.int().min(1),
    mirrored: z.boolean(),
  }),
  summary: z.object({ samples: z.int().min(1), features: space, pixels: space, copies: share }),
  /** Of the samples of the run's own grid, in its order. */
  grid: z.array(z.object({ features: near, pixels: near })),
  /** Where the samples of the grid and their neighbors lie on the sheet. */
  sheet: z.object({
    side: z.int().min(1),
    places: z.array(z.object({ sample: z.int().min(0), at: corner, features: corner, pixels: corner })),
  }),
});

/** What is in the file. */
export type MemorizationFile = z.output<typeof schema>;

/**
 * What was found of a run; undefined where nobody has looked.
 * @throws UserError when it is damaged, or a link that leads out of the run
 */
export const readMemorization = (run: string): Promise<MemorizationFile | undefined> =>
  readOwnJson(run, MEMORIZATION.data, {
    schema,
    hint: 'Delete it; "evaluate RUN --memorization" makes it again.',
  });

/**
 * The sheet as PNG; undefined where there is none.
 * @throws UserError for a link that leads out of the run
 */
export const readMemorizationSheet = (run: string): Promise<Buffer | undefined> =>
  readOwn(run, MEMORIZATION.sheet, { max: MAX_BYTES, what: "a sheet of samples" });
