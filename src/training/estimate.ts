/** How long a training takes, from the seconds of its parts (speed.ts measures them). */

/** Seconds of parts of a training. */
export interface Speed {
  /** Of a generator step with its discriminator steps: the median. */
  readonly stepSeconds: number;
  /** Of a grid of samples, and of what the discriminator says of it. */
  readonly sampleSeconds: number;
}

/** How long so many steps take, with a grid of samples after every `sampleEvery` of them. */
export const trainingSeconds = (
  { stepSeconds, sampleSeconds }: Speed,
  steps: number,
  sampleEvery: number,
): number => steps * stepSeconds + Math.floor(steps / sampleEvery) * sampleSeconds;
