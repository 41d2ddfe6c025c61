/** What the status line of `train` says: pure formatting, no terminal. */

import { type QuantityKey, type QuantityValues, quantityText } from "../base/quantities.ts";
import { formatBytes, formatCount, formatDuration } from "../base/text/format/index.ts";

/** The state of a run at one moment. */
export interface Status {
  /** Generator steps done, and to do in all. */
  readonly step: number;
  readonly steps: number;
  /** The word for its pretext task; undefined without one. */
  readonly task?: string | undefined;
  /** Those that are known, of the latest steps. */
  readonly quantities: QuantityValues;
  readonly secondsLeft: number;
  /** Resident memory of the process. */
  readonly memoryBytes: number;
}

/**
 * One line: how far it is and how long it will take first, then how well it goes. What does not fit
 * into `columns` is left out, the least important first. For example `step 1,250/4,000 · 12 min 3 s
 * left · 312 images/s · rotation 71% real, 64% generated · D 1.23 · G 0.456 · 410 MB`.
 */
export function formatStatus(status: Status, columns = Number.POSITIVE_INFINITY): string {
  const { step, steps, task = "task", quantities, secondsLeft, memoryBytes } = status;
  const text = (key: QuantityKey): string | undefined =>
    quantities[key] === undefined ? undefined : quantityText(key, quantities[key]);
  const [real, generated] = [text("taskAccuracyReal"), text("taskAccuracyGenerated")];
  const [d, g] = [text("discriminatorLoss"), text("generatorLoss")];
  const augmented = text("augmentProbability");
  const told = [real && `${real} real`, generated && `${generated} generated`].filter(Boolean);
  const fields = [
    [`step ${formatCount(step)}/${formatCount(steps)}`],
    [`${formatDuration(secondsLeft)} left`],
    [text("speed")],
    told.length > 0
      ? [`${task} ${told.join(", ")}`, `${task} ${[real, generated].filter(Boolean).join("/")}`]
      : [],
    [d && `D ${d}`],
    [g && `G ${g}`],
    [augmented && `augmented ${augmented}`],
    [formatBytes(memoryBytes)],
  ];
  let line = "";
  for (const forms of fields) {
    const known = forms.filter((form) => form !== undefined);
    if (known.length === 0) continue;
    const next = line === "" ? known[0] : known.find((form) => line.length + 3 + form.length <= columns);
    if (next === undefined) break;
    line += line === "" ? next : ` · ${next}`;
  }
  return line;
}
