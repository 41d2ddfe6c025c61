/** What a number of an evaluation depends on, in words. */
import type { Evaluation } from "./evaluate.ts";

const formatCount = (value: number): string => value.toLocaleString("en");

/** Everything a number depends on, in one line. */
export function protocolSentence(evaluation: Omit<Evaluation, "metrics">): string {
  const { protocol, features, reference, generated, resize } = evaluation;
  const split = reference.split === "all" ? "" : ` (${reference.split})`;
  const used =
    reference.count === reference.of
      ? `all ${formatCount(reference.of)}`
      : `${formatCount(reference.count)} of ${formatCount(reference.of)}`;
  return [
    `${protocol} protocol`,
    `features ${features.name} (${features.dimensions})`,
    `${used} images of ${reference.data}${split}`,
    `${formatCount(generated.count)} compared, ${generated.quantisation}`,
    resize.method === "none"
      ? `not resized (${resize.from}×${resize.from})`
      : `${resize.method} ${resize.from}→${resize.to}`,
  ].join(" · ");
}
