/** What images were opened, in a sentence. */
import { formatCount } from "../base/text/format/index.ts";
import { imagesOf } from "../data/images-of.ts";
import type { DataSummary } from "../data/store/store.ts";

/** `1,653 images of emoji at 32×32 (centre-crop, lanczos3)`, with what was left out. */
export function dataSentence(summary: DataSummary): string {
  const { name, split, used, skipped, resolution, preprocessing, resize } = summary;
  const part = split === "all" ? "" : ` (${split} part)`;
  const left = skipped.length > 0 ? `, ${formatCount(skipped.length)} skipped` : "";
  return `${formatCount(used)} ${imagesOf(name)}${part} at ${resolution}×${resolution}${left} (${preprocessing}, ${resize})`;
}
