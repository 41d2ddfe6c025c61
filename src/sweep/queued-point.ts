/** What sweeps and workers tell each other, whatever the queue is kept in. */

/** What a worker is told of a point. Plain JSON; nothing in it is secret. */
export interface QueuedPoint {
  readonly id: string;
  readonly label: string;
  readonly seed: number;
  readonly steps: number;
  /** Arguments of `quarterturn` but for the run folder. */
  readonly arguments: readonly string[];
  /** The folder of the whole sweep, as the machine that filled the queue sees it. */
  readonly folder: string;
}

/** What a worker tells of a point under way. */
export interface QueueProgress {
  readonly step: number;
  readonly steps: number;
  readonly host: string;
  /** It was refused, for something that the user must put right. */
  readonly mistake?: boolean;
}
