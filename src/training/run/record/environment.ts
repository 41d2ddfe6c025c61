/**
 * `environment.json`: what each session of a run was computed with, written in Node and in a
 * browser.
 */
import { z } from "zod";

/** Versions by name. */
export type Versions = Readonly<Record<string, string>>;

/** What computed a session of a run. */
export interface Environment {
  /** Of this program and of what it runs on. */
  readonly versions: Versions;
  /** For example `linux x64`; in a browser what it calls itself. */
  readonly platform: string;
  /** The engine's description of itself, with its provider. */
  readonly engine: string;
  readonly device: string;
  /** Threads of the engine. */
  readonly threads: number;
}

/** The machine below it, of which a browser says nothing. */
export interface Machine {
  readonly host: string;
  readonly cpu: string;
  /** Cores this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
}

/** The images of a session. Missing in sessions of earlier versions. */
export interface SessionImages {
  readonly name: string;
  readonly count: number;
}

/** Training from when it began, or went on, to its end. */
export interface TrainingSession extends Environment, Partial<Machine> {
  /** ISO 8601. */
  readonly started: string;
  /** Steps already done. */
  readonly fromStep: number;
  readonly forkedFrom?: string;
  /**
   * That its end is put on record (`ended`), so that one without was killed; missing in sessions of
   * earlier versions.
   */
  readonly recordsEnd?: true;
  /** What is trained on: what the images are called, and how many there are. */
  readonly images?: SessionImages;
  /** Where the images were before (`data.source`), if they have moved since. */
  readonly movedFrom?: string | null;
  /**
   * The most memory that this process and its engine's held; missing where the session did not come
   * to its end.
   */
  readonly peakMemoryBytes?: number;
}

/** The contents of `environment.json`. */
export interface RunEnvironment {
  readonly sessions: readonly TrainingSession[];
}

const sessionSchema = z.looseObject({
  started: z.string(),
  fromStep: z.int().min(0),
  forkedFrom: z.string().optional(),
  images: z.looseObject({ name: z.string(), count: z.int().min(0) }).optional(),
  versions: z.record(z.string(), z.string()),
  platform: z.string(),
  engine: z.string(),
  device: z.string(),
  threads: z.number(),
  host: z.string().optional(),
  cpu: z.string().optional(),
  cores: z.number().optional(),
  memoryBytes: z.number().optional(),
  peakMemoryBytes: z.number().optional(),
});

/** What the file must say. */
export const environmentSchema: z.ZodType<RunEnvironment> = z.looseObject({
  sessions: z.array(sessionSchema),
}) as z.ZodType<RunEnvironment>;
