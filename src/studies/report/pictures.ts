/** Pictures inside the page: made small, and few, so that a report can be sent by mail. */
import sharp from "sharp";
import type { SampleEvent } from "../../training/events.ts";
import { noPicture, readSampleFile } from "../../training/sampling/sample-files.node.ts";
import type { Picture } from "../../training/sampling/samples.ts";
import type { RunFacts } from "./facts.ts";

/** A picture as the page holds it. */
export interface EmbeddedPicture {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** A grid of samples and its step. */
export interface DatedPicture extends EmbeddedPicture {
  readonly step: number;
}

/** Grids that are shown of a run at the most. */
export const MAX_GRIDS = 12;
/** The widest a picture is, in pixels. */
const WIDEST = 560;

/**
 * As WebP in a data URL, at most `widest` pixels wide.
 * @param source an encoded picture, or pixels
 */
export async function embedPicture(source: Uint8Array | Picture, widest = WIDEST): Promise<EmbeddedPicture> {
  const image =
    source instanceof Uint8Array
      ? sharp(source)
      : sharp(source.pixels, { raw: { width: source.width, height: source.height, channels: 3 } });
  const { data, info } = await image
    .resize({ width: widest, withoutEnlargement: true })
    .webp({ quality: 88 })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { url: `data:image/webp;base64,${data.toString("base64")}`, width, height };
}

/**
 * A picture of the run; undefined where somebody has deleted it.
 * @throws UserError for what is none, or lies elsewhere
 */
export async function runPicture({ dir }: RunFacts, file: string): Promise<EmbeddedPicture | undefined> {
  const bytes = await readSampleFile(dir, file);
  return (
    bytes &&
    embedPicture(bytes).catch((error: unknown) => {
      throw noPicture(dir, file, error);
    })
  );
}

/**
 * Samples that show how a run went: the first, the last, and some between whose steps grow by equal
 * factors, since most happens early.
 * @returns at most `count`, in their order
 */
function chosenSamples(samples: readonly SampleEvent[], count = MAX_GRIDS): SampleEvent[] {
  if (samples.length <= count) return [...samples];
  const [second, last] = [Math.max(1, samples[1]!.step), samples.at(-1)!.step];
  const chosen = new Set([samples[0]!, samples.at(-1)!]);
  for (let i = 0; i < count - 1; i++) {
    const wanted = second * (last / second) ** (i / (count - 2));
    const left = samples.filter((sample) => !chosen.has(sample));
    if (chosen.size === count || left.length === 0) break;
    chosen.add(left.reduce((a, b) => (Math.abs(b.step - wanted) < Math.abs(a.step - wanted) ? b : a)));
  }
  return samples.filter((sample) => chosen.has(sample));
}

/** The grids of `chosenSamples`, of the averaged weights where there are any. */
export async function sampleGrids(facts: RunFacts): Promise<DatedPicture[]> {
  const grids: DatedPicture[] = [];
  for (const { step, file, averagedFile } of chosenSamples(facts.samples)) {
    const picture = await runPicture(facts, averagedFile ?? file);
    if (picture) grids.push({ step, ...picture });
  }
  return grids;
}
