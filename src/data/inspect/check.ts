/**
 * What a check of a data set is: it sees every usable image once, in order, and in the end says
 * what it found. A new check is a function like those in `checks.ts` and a line there, or one more
 * in `inspectData`'s list.
 */
import { formatCount, percent } from "../../base/text/format/index.ts";

/** One image as a check sees it. */
export interface InspectedImage {
  /** Which usable image it is, from 0. */
  readonly index: number;
  /** Its name, as in the list of skipped files. */
  readonly path: string;
  /** [size, size, 3], values 0–255 sRGB: as it would be trained on. */
  readonly pixels: Uint8Array;
  /** Of the original, upright, in pixels. */
  readonly width: number;
  readonly height: number;
  /** EXIF orientation, 1 to 8; absent where the file has none. */
  readonly orientation: number | undefined;
  /** Class, if the data has classes and this image has one. */
  readonly label: number | undefined;
}

/** What is known before the first image. */
export interface InspectionContext {
  /** Side of the pixels the checks see. */
  readonly size: number;
  /** Images at most. */
  readonly count: number;
  readonly classNames: readonly string[] | undefined;
  /**
   * A check that computes for long looks at it now and then, and lets the event loop go on
   * meanwhile.
   */
  readonly signal?: AbortSignal | undefined;
}

/** What a check found. */
export interface Finding {
  /** One or two words: `sizes`. */
  readonly name: string;
  /** For people, a line each. */
  readonly lines: readonly string[];
  /** What may spoil a training run, each with advice. */
  readonly warnings: readonly string[];
  /** The same for programs; JSON-able. */
  readonly data: unknown;
}

/** One check under way. */
export interface Check {
  observe(image: InspectedImage): void | Promise<void>;
  finish(): Finding | Promise<Finding>;
}

/** Begins a check. */
export type CheckFactory = (context: InspectionContext) => Check;

/** Files named in a line. */
export const NAMED = 5;
/** Files or groups listed in a finding's data. */
export const LISTED = 1000;

/** A few names, and how many more. */
export function someNames(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(", ");
  return names.length > NAMED ? `${shown} and ${formatCount(names.length - NAMED)} more` : shown;
}

/** `12 (0.7%)`. */
export function share(part: number, whole: number): string {
  return `${formatCount(part)} (${percent(whole > 0 ? part / whole : 0, 0.001)})`;
}
