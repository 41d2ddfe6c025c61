/**
 * What comes out of a reproduction: the paper's numbers and ours side by side, each marked as what
 * it is. A report is plain JSON from which table, CSV and figure are made, so that documents can be
 * written anew without the runs.
 */
import { z } from "zod";
import type { LineChart } from "../figures/line-chart.ts";
import type { Published } from "./published.ts";
import type { Reproduced } from "./record.ts";

/** What a number of a table can be. */
export const MEASURES = ["fid", "kid", "accuracy", "step", "rate", "megabytes"] as const;

/** A place in the table. */
export interface Cell {
  readonly row: string;
  readonly column: string;
  /** Decides how it is written, and which direction is better. */
  readonly measure: (typeof MEASURES)[number];
  readonly published?: Published | undefined;
  readonly here?: Reproduced | undefined;
  /** Which of our numbers answers the published one. */
  readonly shown: "mean" | "best";
}

/** What an experiment makes of its runs. */
export interface Findings {
  readonly cells: readonly Cell[];
  /** Read from JSON they are without their `format`. */
  readonly charts: readonly LineChart[];
  /** Heading of the first column. */
  readonly rows: string;
  readonly notes: readonly string[];
}

/** A run behind a report. */
export interface ReportRun {
  readonly id: string;
  readonly label: string;
  readonly seed: number;
  readonly step: number;
  readonly steps: number;
  readonly state: string;
  readonly message?: string | undefined;
}

/** What a reproduction found, with what it was made of. */
export interface Report extends Findings {
  readonly experiment: string;
  readonly title: string;
  readonly scale: string;
  readonly scaleDescription: string;
  /** In what the runs differ from the paper's presets. */
  readonly settings: Readonly<Record<string, number | string>>;
  /** Name of the data set. */
  readonly data: string;
  /** Generator steps, or iterations of the online study. */
  readonly steps: number;
  /** Whether everything that belongs to it is there. */
  readonly complete: boolean;
  /** Protocols of the measurements. */
  readonly protocols: readonly string[];
  readonly runs: readonly ReportRun[];
}

const cellSchema = z.looseObject({
  row: z.string(),
  column: z.string(),
  measure: z.enum(MEASURES),
  published: z.looseObject({ value: z.number() }).optional(),
  here: z
    .looseObject({
      values: z.array(z.number()),
      seeds: z.array(z.number()),
      mean: z.number(),
      deviation: z.number().nullable(),
      step: z.number(),
    })
    .optional(),
  shown: z.enum(["mean", "best"]),
});

/** What the JSON file of a report must say, as far as it is read again. */
export const reportSchema = z.looseObject({
  scale: z.string(),
  data: z.string(),
  settings: z.record(z.string(), z.union([z.number(), z.string()])),
  cells: z.array(cellSchema),
  runs: z.array(z.looseObject({ id: z.string(), label: z.string(), seed: z.number() })),
}) as unknown as z.ZodType<Report>;
