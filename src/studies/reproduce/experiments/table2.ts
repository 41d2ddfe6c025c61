/** Table 2: whether training survives other hyperparameters, with and without self-supervision. */

import { UserError, unknownName } from "../../../base/errors.ts";
import { option } from "../../../base/option-names.ts";
import type { RunExperiment } from "../experiment.ts";
import type { ModelSpec, Request } from "../plan.ts";
import { type Published, TABLE2, TABLE2_CONFIRMED } from "../published.ts";
import { lastFid, overSeeds } from "../record.ts";
import { standstillSentences, standstillTest } from "../standstill.ts";
import { FID_NOTE } from "./table1.ts";

const SIDES = { uncond: "Uncond-GAN", ssgan: "SS-GAN" } as const;
type Side = keyof typeof SIDES;

const labelOf = (row: string, side: Side): string => `${row} ${SIDES[side]}`;

/** Names of all rows. */
export const ROBUSTNESS_ROWS: readonly string[] = Object.keys(TABLE2);

/** Check that the table has these rows. @throws UserError for a row there is not */
export function checkRows(rows: readonly string[]): void {
  if (rows.length === 0)
    throw new UserError(`${option("rows")} names no row.`, `Rows are: ${ROBUSTNESS_ROWS.join(", ")}.`);
  for (const row of rows)
    if (!ROBUSTNESS_ROWS.includes(row)) throw unknownName("row of table 2", row, ROBUSTNESS_ROWS);
}

export const table2: RunExperiment = {
  kind: "runs",
  title: "Table 2: robustness to hyperparameters",
  probed: false,
  models: ({ rows }: Request) =>
    rows.flatMap((row) =>
      (Object.keys(SIDES) as Side[]).map(
        (side): ModelSpec => ({
          label: labelOf(row, side),
          preset: `paper/robustness/${row}-${side}`,
          seeds: "side",
          ownUpdates: true,
        }),
      ),
    ),
  findings: (runs, _probes, { rows }) => ({
    rows: "Setting",
    cells: rows.flatMap((row) =>
      (Object.keys(SIDES) as Side[]).map((side) => ({
        row: TABLE2[row]!.title,
        column: SIDES[side],
        measure: "fid" as const,
        published: published(row, side),
        here: overSeeds(runs, labelOf(row, side), lastFid),
        shown: "mean" as const,
      })),
    ),
    charts: [],
    notes: [
      FID_NOTE,
      ...rows.flatMap((row) => {
        const sides = [labelOf(row, "uncond"), labelOf(row, "ssgan")] as const;
        const test = standstillTest(runs, sides);
        return [
          ...standstillSentences(runs, sides),
          ...(test && runs.filter(({ label }) => label === sides[0]).length > 1
            ? [`${TABLE2[row]!.title}: Fisher's exact test of the two, p = ${test.p.toFixed(3)}.`]
            : []),
        ];
      }),
    ],
  }),
};

function published(row: string, side: Side): Published {
  const [value, deviation] = TABLE2[row]![side];
  const confirmed = row === TABLE2_CONFIRMED.row && side === TABLE2_CONFIRMED.side;
  return {
    value,
    deviation,
    what: "table 2, mean of three seeds, 100,000 steps",
    knowledge: confirmed ? "printed" : "memory",
  };
}
