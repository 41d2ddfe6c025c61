/** `environment.json`: what each session of a run was computed with, written in Node and in a browser. */

/** Versions by name. */
export type Versions = Readonly<Record<string, string>>;

/** What computes. */
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

/** Training from when it began, or went on, to its end. */
export interface TrainingSession extends Environment, Partial<Machine> {
  /** ISO 8601. */
  readonly started: string;
  /** Steps already done. */
  readonly fromStep: number;
  readonly forkedFrom?: string;
  /** Where the images were before (`data.source`), if they have moved since. */
  readonly movedFrom?: string | null;
}

/** The file. */
export interface RunEnvironment {
  readonly sessions: readonly TrainingSession[];
}
