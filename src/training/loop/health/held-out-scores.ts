/** What is kept of the scores of images that the discriminator is never trained on. */

/** Mean scores of the discriminator for three sets of images. */
export interface HeldOutScores {
  /** Held-out images, and as many or more training images. */
  readonly count: number;
  readonly trained: number;
  readonly heldOut: number;
  readonly generated: number;
  /** Standard error of `trained` − `heldOut`. */
  readonly error: number;
  /** Mean sign of the scores of training images, r_t. */
  readonly positive: number;
}
