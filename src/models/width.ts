/** Narrower and wider copies of a published network: all its feature maps scaled alike. */

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

/** The smallest width at which no feature map has a fraction of a channel, where the published one is `full` wide; others are its multiples. */
export const widthStep = (full: number, channels: readonly number[]): number =>
  full / channels.reduce(greatestCommonDivisor, full);

/**
 * A table's number of channels in a network that is `width` wide instead of `full`.
 * @throws Error for a fraction (the configuration checks that first)
 */
export function scaleChannels(channels: number, width: number, full: number): number {
  const scaled = (channels * width) / full;
  if (!Number.isInteger(scaled) || scaled < 1)
    throw new Error(`${channels} channels cannot be scaled by ${width}/${full}`);
  return scaled;
}
