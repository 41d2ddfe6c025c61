/**
 * Pictures of a run and what belongs to them: by the names the training gives them, below the run,
 * and nothing else.
 */
import { UserError } from "../../base/errors.ts";
import { readOwn } from "../run/folder/own-files.node.ts";
import { SAMPLE_PICTURE, SAMPLE_PREDICTIONS, SAMPLE_WEIGHTS } from "../run/record/record-schema.ts";

/** The grid of real images. */
export const REALS = "samples/reals.png";
/** A grid of 64 images of 512 × 512 that cannot be compressed is 50 MB. */
const MAX_BYTES = 200_000_000;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Signature and header chunk. */
const PNG_HEADER = 33;

/**
 * Whether a file may be taken out of a run by this name: a grid of samples, the real images,
 * judgments, or how the weights were spread.
 */
export const isSampleFile = (name: string): boolean =>
  [SAMPLE_PICTURE, SAMPLE_PREDICTIONS, SAMPLE_WEIGHTS].some((names) => names.test(name)) || name === REALS;

/**
 * Read a picture of a run, or what was made of one.
 * @param name below the run folder, as its record has it
 * @returns undefined when there is no such file
 * @throws UserError for a name that no training gives, a link that leads out of the run, no regular
 * file, or what should be a PNG file and is none
 */
export async function readSampleFile(run: string, name: string): Promise<Buffer | undefined> {
  if (!isSampleFile(name))
    throw new UserError(
      `${run} has "${name}" where the name of a picture is expected.`,
      "Pictures of a run lie in its folder samples, and are named by their steps.",
    );
  const bytes = await readOwn(run, name, { max: MAX_BYTES, what: "a grid of samples" });
  const isPicture = bytes && bytes.length >= PNG_HEADER && bytes.subarray(0, PNG.length).equals(PNG);
  if (bytes && name.endsWith(".png") && !isPicture) throw noPicture(run, name);
  return bytes;
}

/** The error for a picture of a run that cannot be decoded. */
export const noPicture = (run: string, name: string, cause?: unknown): UserError =>
  new UserError(
    `${run}/${name} is no picture that can be read.`,
    "Restore it, or delete it: what is made of the run does without.",
    { cause },
  );
