/**
 * The name of what a number was measured by: that of a protocol only where features, counts and
 * reference are the protocol's.
 */
import { featuresName } from "../base/metric-quantities.ts";
import { formatCount } from "../base/text/format/index.ts";
import type { Evaluation } from "./evaluate.ts";
import { PROTOCOLS, type Protocol } from "./protocol.ts";

/**
 * Reference images of the smallest data set that published FIDs are of (the test part of CelebA-HQ
 * in the SS-GAN paper).
 */
const MIN_PUBLISHED = 3000;

/** What the name depends on. */
export type Measured = Pick<Evaluation, "protocol"> & {
  readonly features: Pick<Evaluation["features"], "name">;
  readonly reference: Pick<Evaluation["reference"], "split" | "count" | "of">;
  readonly generated: Pick<Evaluation["generated"], "count">;
};

/**
 * `paper protocol`; `settings of paper, but built-in features, 202 reference images`: then it is
 * not what is published by that name.
 */
export function protocolName(measured: Measured): string {
  const { protocol: name } = measured;
  const other = departures(measured);
  return other.length === 0 ? `${name} protocol` : `settings of ${name}, but ${other.join(", ")}`;
}

/** Whether a number is one of its protocol's, so that it may stand beside published ones. */
export const isOfProtocol = (measured: Measured): boolean => departures(measured).length === 0;

function departures({ protocol: name, features, reference, generated }: Measured): string[] {
  const other = featuresName(features.name);
  const protocol = PROTOCOLS.find((one) => one.name === name);
  return [
    ...(other === undefined ? [] : [other]),
    ...(protocol ? countDepartures(protocol, reference, generated.count) : []),
  ];
}

function countDepartures(
  { reference: wanted, samples }: Protocol,
  { split, count, of }: Measured["reference"],
  generated: number,
): string[] {
  const enough = Math.max(MIN_PUBLISHED, Math.min(of, wanted.max));
  const expected = samples === "as-reference" ? count : samples;
  return [
    ...(split === wanted.split
      ? []
      : [split === "all" ? "all images as reference" : `the ${split} images as reference`]),
    ...(count >= enough ? [] : [`${formatCount(count)} reference images`]),
    ...(generated === expected ? [] : [`${formatCount(generated)} samples`]),
  ];
}
