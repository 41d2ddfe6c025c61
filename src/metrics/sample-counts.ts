/** Numbers of images on the two sides of a comparison, and the fewest that mean anything. */
import { UserError } from "../base/errors.ts";

/** Images on either side. */
export interface SampleCounts {
  readonly reference: number;
  readonly generated: number;
}

/**
 * Fewer images than this are not compared: the covariance of two is that of a line, whatever they
 * show.
 */
export const MIN_IMAGES = 3;

/**
 * Refuse to measure on hardly any images.
 * @param what each of them is, for the message: `sample`, `image of toys`
 * @throws UserError for so few images that nothing can be said of them
 */
export function requireEnough(count: number, what = "image"): void {
  if (count >= MIN_IMAGES) return;
  const some = ["No", "One", "Two"][count];
  const noun = count === 1 ? what : what.replace(/( of |$)/, "s$1");
  throw new UserError(
    `${some} ${noun} ${count === 1 ? "is" : "are"} too few to be compared: the covariance of two is that of a line, and of fewer there is none.`,
    `${MIN_IMAGES} are the least, and 2,048 or more make numbers that mean something.`,
  );
}
