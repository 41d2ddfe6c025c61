/**
 * How the feature network is trained. Most of the early work is done on small crops, which cost a
 * fraction of the whole image: the network is convolutional and ends in a mean over the map, so it
 * does not care about the size, and a crop keeps the scale of what is seen. The learning rate rises
 * linearly and falls linearly to zero over the whole run (the schedule that "Budgeted Training", Li
 * et al. 2020, found best for a fixed number of epochs). No label smoothing: it wipes out the
 * differences within a class, which a feature network is there to see.
 */

/** Epochs on crops of one size. */
export interface Phase {
  readonly side: number;
  readonly epochs: number;
}

/** All that decides the outcome. */
export interface Plan {
  readonly phases: readonly Phase[];
  readonly batchSize: number;
  readonly peakLearningRate: number;
  /** Share of the run in which the learning rate rises. */
  readonly warmUp: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly seed: number;
}

/** The plan of the network that is shipped. */
export const PLAN: Plan = {
  phases: [
    { side: 20, epochs: 6 },
    { side: 24, epochs: 8 },
    { side: 32, epochs: 8 },
  ],
  batchSize: 128,
  peakLearningRate: 0.2,
  warmUp: 0.15,
  momentum: 0.9,
  weightDecay: 5e-4,
  seed: 20,
};

/** Epochs of all phases. */
export const epochsOf = ({ phases }: Plan): number => phases.reduce((total, { epochs }) => total + epochs, 0);

/** Side of the crops in epoch 0, 1, … */
export function sideIn({ phases }: Plan, epoch: number): number {
  let end = 0;
  for (const { side, epochs } of phases) {
    end += epochs;
    if (epoch < end) return side;
  }
  throw new RangeError(`epoch ${epoch} of ${end}`);
}

/** The learning rate when the share `progress` (0…1) of the run is done. */
export function learningRateAt({ peakLearningRate, warmUp }: Plan, progress: number): number {
  return peakLearningRate * (progress < warmUp ? progress / warmUp : (1 - progress) / (1 - warmUp));
}
