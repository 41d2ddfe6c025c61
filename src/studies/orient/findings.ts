/** Which images do not look upright: every vote, and in the end the shares. */
import { formatCount } from "../../base/text/format/index.ts";
import { LISTED, share, someNames } from "../../data/inspect/check.ts";
import type { ImageLogits, LogitsCollector } from "./rotation-check.ts";
import { type Turns, type Verdict, type Vote, verdictOf, vote } from "./vote.ts";

/** What was made of one image. */
export interface OrientedImage extends Vote {
  readonly path: string;
  readonly orientation: number | undefined;
  readonly verdict: Verdict;
}

/** Quarter turns in degrees, counterclockwise. */
export const degrees = (turns: Turns): number => 90 * turns;

/**
 * Confidence from which an image is called rotated, unless another is asked for (docs/exports.md
 * has the rates that belong to it).
 */
export const SURE = 0.9;

/** More rotated images than this among a hundred spoil the rotation labels that training makes. */
const SPOILS = 0.02;

/**
 * Collects what the head says of each image and finds the rotated ones.
 * @param threshold confidence from which an image is called rotated
 * @param onImage told of every image, in their order
 */
export function findRotatedImages(
  threshold: number,
  onImage: (image: OrientedImage) => void = () => undefined,
): LogitsCollector {
  const shares: Record<Verdict, number> = { upright: 0, turned: 0, unsure: 0 };
  const byTurns = [0, 0, 0, 0];
  const rotated: string[] = [];
  return {
    take({ path, orientation, logits }: ImageLogits) {
      const voted = vote(logits);
      const verdict = verdictOf(voted, threshold);
      shares[verdict]++;
      if (verdict === "turned") {
        byTurns[voted.turns]!++;
        rotated.push(path);
      }
      onImage({ path, orientation, ...voted, verdict });
    },
    finish() {
      const images = shares.upright + shares.turned + shares.unsure;
      const split = [1, 2, 3]
        .map((turns) => `${degrees(turns as Turns)}° ${formatCount(byTurns[turns]!)}`)
        .join(", ");
      const lines = [
        `look rotated: ${share(shares.turned, images)} (counterclockwise: ${split}); unsure: ${share(shares.unsure, images)}; by the rotation head, confidence from ${threshold}`,
        ...(rotated.length > 0 ? [someNames(rotated)] : []),
      ];
      const warnings =
        images > 0 && shares.turned / images > SPOILS
          ? [
              `${share(shares.turned, images)} of the images look rotated: their rotation labels would be wrong. "quarterturn orient" names them all and writes upright copies.`,
            ]
          : [];
      const data = { threshold, images, ...shares, byTurns, files: rotated.slice(0, LISTED) };
      return { name: "turned", lines, warnings, data };
    },
  };
}
