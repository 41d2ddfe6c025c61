/**
 * Narrower and wider copies of a published network: all its feature maps scaled alike, down to a
 * floor.
 */

/**
 * Channels below which no map of a narrowed network falls, unless the network is that narrow itself
 * or was published so. Networks for larger images have maps sixteen times narrower than their
 * widest one; a picture painted from two channels is of two colors.
 */
export const FEWEST_CHANNELS = 16;

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

/**
 * A width whose multiples leave no feature map with a fraction of a channel, where the published
 * one is `full` wide. Others may do so as well, since maps at the floor have no fractions.
 */
export const widthStep = (full: number, channels: readonly number[]): number =>
  full / channels.reduce(greatestCommonDivisor, full);

/**
 * Channels of a map that was published with `channels`, in a network that is `width` wide instead
 * of `full`; maybe not a whole number.
 */
const scaled = (channels: number, width: number, full: number): number =>
  Math.max((channels * width) / full, Math.min(FEWEST_CHANNELS, width, channels));

/** Whether all of these maps have a whole number of channels at this width. */
export const widthFits = (channels: readonly number[], width: number, full: number): boolean =>
  channels.every((count) => Number.isInteger(scaled(count, width, full)));

/**
 * A table's number of channels in a network that is `width` wide instead of `full`: scaled, but at
 * least min(`FEWEST_CHANNELS`, `width`, `channels`).
 * @throws Error for a fraction (the configuration checks that first)
 */
export function scaleChannels(channels: number, width: number, full: number): number {
  const count = scaled(channels, width, full);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`${channels} channels cannot be scaled by ${width}/${full}`);
  return count;
}
