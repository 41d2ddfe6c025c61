/**
 * The table of docs/metrics.md that says what every number people read is, from the module that all
 * of them come from.
 */
import { METRIC_QUANTITIES } from "../src/base/metric-quantities.ts";
import { QUANTITIES, type Quantity, WINDOWS } from "../src/base/quantities.ts";

/**
 * Names, units, windows and meanings of what training says of itself, and of the numbers of an
 * evaluation.
 */
export function quantityTable(): string {
  const own = (Object.values(QUANTITIES) as Quantity[]).map(
    ({ name, short, unit, window, what }) =>
      `| ${name} | ${short === name ? "" : short} | ${unit || "–"} | ${WINDOWS[window]} | ${what} |`,
  );
  const measured = Object.values(METRIC_QUANTITIES).map(
    ({ title, ofFeatures, digits, what }) =>
      `| ${title}${ofFeatures ? ", with the features' name unless they are Inception's" : ""} | | – | ${WINDOWS.measurement}, ${digits} digits | ${what} |`,
  );
  return [
    "| Name | Where it is short | Unit | Taken over | What it says |",
    "|---|---|---|---|---|",
    ...own,
    ...measured,
  ].join("\n");
}
