/** What training and sampling need before they begin: the engine, the images, the compiled steps. Each fails with its own message. */
import { imagesOf } from "../data/images-of.ts";
import { type ImageStore, openData, type PackProgress } from "../data/index.node.ts";
import type { Config } from "../training/config/schema.ts";
import type { Output } from "./output.ts";
import { formatCount } from "./status.ts";

/**
 * Open the images of a configuration, packing them the first time, and say what was found.
 * @throws UserError when there are none, too few, or the source is not what it should be; the signal's reason when it aborts
 */
export async function openImages(config: Config, output: Output, signal?: AbortSignal): Promise<ImageStore> {
  const store = await openData({ ...config.data, signal, onProgress: packReport(output) });
  output.line(dataSentence(store));
  for (const warning of store.summary.warnings) output.warning(warning);
  if (config.data.split === "all" && !config.data.source?.startsWith("run:"))
    output.warning(
      "All images are trained on, the test part among them: measurements on it say nothing of images that were never seen. --set data.split=train keeps a tenth apart, or the part that the data set has for it.",
    );
  return store;
}

/** `1,653 images of emoji at 32×32 (centre-crop, lanczos3)`, with what was left out. */
export function dataSentence({ summary }: Pick<ImageStore, "summary">): string {
  const { name, split, used, skipped, resolution, preprocessing, resize } = summary;
  const part = split === "all" ? "" : ` (${split} part)`;
  const left = skipped.length > 0 ? `, ${formatCount(skipped.length)} skipped` : "";
  return `${formatCount(used)} ${imagesOf(name)}${part} at ${resolution}×${resolution}${left} (${preprocessing}, ${resize})`;
}

/** A progress bar for packing, or for `doing` something else with every image. */
export function packReport(output: Output, doing = "packing images"): (progress: PackProgress) => void {
  const show = progressBar(output);
  return ({ phase, done, total }) => {
    if (phase === "listing") return output.status(`looking for images: ${formatCount(done)}`);
    show(doing, done, total, (value) => formatCount(value));
  };
}

/** For standing statistics: how many of the images they are taken of have been made. */
export const statisticsReport =
  (output: Output) =>
  (done: number, total: number): void =>
    output.status(`statistics of ${formatCount(done)} of ${formatCount(total)} images`);

/** A bar that is redrawn in place; a plain line every tenth where it cannot be. `note` follows the bar. */
export function progressBar(
  output: Output,
): (doing: string, done: number, total: number, format: (value: number) => string, note?: string) => void {
  let last = "";
  let tenth = 0;
  return (doing, done, total, format, note = "") => {
    if (doing !== last) tenth = 0;
    last = doing;
    const share = done / Math.max(1, total);
    const bar = "█".repeat(Math.min(20, Math.round(share * 20))).padEnd(20, "░");
    output.status(`${doing} ${bar} ${format(done)}/${format(total)}${note}`.slice(0, output.columns));
    if (!output.interactive && Math.floor(share * 10) > tenth) {
      tenth = Math.floor(share * 10);
      output.line(`${doing}: ${format(done)} of ${format(total)}`);
    }
  };
}
