/** What to train. */

/** Everything may be left out: then it is the built-in images and the default preset. */
export interface TrainOptions {
  /** Images: a folder, an archive, `cifar10:PATH`, … (docs/data.md). */
  readonly data?: string | undefined;
  /** A named configuration. */
  readonly preset?: string | undefined;
  /** Single values of the configuration by path, for example `{ "generator.width": 32 }`. */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  /** Generator steps in all. */
  readonly steps?: number | undefined;
  /**
   * Instead of steps: how long the run may take, for example `30m`; size, width and steps are found
   * by measuring.
   */
  readonly time?: string | undefined;
  /** Side of the images in pixels; `auto` needs a time. */
  readonly resolution?: number | "auto" | undefined;
  /** Channels of both networks; `auto` needs a time. */
  readonly width?: number | "auto" | undefined;
  readonly seed?: number | undefined;
  /** The run folder; below `runs/` unless given. A run that is there goes on. */
  readonly run?: string | undefined;
  /** Another run whose weights this one begins with. */
  readonly init?: string | undefined;
  /**
   * Begin beside a run that is there: afresh, or from its newest checkpoint; a run goes on unless
   * given.
   */
  readonly mode?: "new" | "fork" | undefined;
  /** With `mode: "fork"`: the step to go on from. */
  readonly from?: number | undefined;
  /** Twice at most, take a run whose generator collapses back to before that, with another game. */
  readonly rescue?: boolean | undefined;
  /** Steps between two measurements; 0: none; `auto`: as often as takes little time. */
  readonly evaluateEvery?: number | "auto" | undefined;
  /** Steps between two probes of the discriminator; 0: none. */
  readonly probeEvery?: number | undefined;
  readonly device?: string | undefined;
  /** Threads for the arithmetic; 0: the cores this process may use. */
  readonly threads?: number | undefined;
  /**
   * Whether files for TensorBoard are written into the run folder; they are unless this is false.
   */
  readonly tfevents?: boolean | undefined;
}
