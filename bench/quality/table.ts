/**
 * What the quality bench measured, as a table of means over seeds, and how one side compares with
 * another on each set: `tsx bench/quality/table.ts --out runs/quality --budget 240 --sides
 * today,base [--resolution 32]`.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { meanAndStdDev } from "../../src/base/math/statistics.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "runs/quality" },
    budget: { type: "string", default: "600" },
    sides: { type: "string", default: "today,base" },
    resolution: { type: "string", default: "32" },
  },
});
const out = resolve(values.out);
const sides = values.sides.split(",");

/** Numbers of one run: those of averaged weights, and the judge's. */
type Numbers = Readonly<
  Record<"steps" | "kid" | "fid" | "precision" | "recall" | "judgeKid" | "judgeFid", number>
>;

interface Run {
  readonly set: string;
  readonly side: string;
  readonly seed: string;
  readonly numbers: Numbers;
}

const name = new RegExp(`^(.+?)-${values.resolution}-(${sides.join("|")})-s(\\d+)-${values.budget}\\.json$`);
const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));

function readRun(file: string): Run[] {
  const found = name.exec(file);
  const judged = join(out, file.replace(/\.json$/, "-judge.json"));
  if (!found || !existsSync(judged)) return [];
  const [, set = "", side = "", seed = ""] = found;
  const { steps, measured } = json(join(out, file)) as {
    steps: number;
    measured: { averaged: Record<string, { mean: number }> };
  };
  const of = (key: string): number => measured.averaged[key]!.mean;
  const { kid: judgeKid, fid: judgeFid } = json(judged) as { kid: number; fid: number };
  const [kid, fid, precision, recall] = ["kid", "fid", "precision", "recall"].map(of) as [
    number,
    number,
    number,
    number,
  ];
  return [{ set, side, seed, numbers: { steps, kid, fid, precision, recall, judgeKid, judgeFid } }];
}

const runs = readdirSync(out).flatMap(readRun);
const COLUMNS = ["steps", "kid", "fid", "precision", "recall", "judgeKid", "judgeFid"] as const;
const DIGITS: Readonly<Record<(typeof COLUMNS)[number], number>> = {
  ...{ steps: 0, kid: 3, fid: 1, precision: 2, recall: 3, judgeKid: 2, judgeFid: 0 },
};
const sets = [...new Set(runs.map(({ set }) => set))];

console.log(
  `| set | recipe | seeds | ${COLUMNS.join(" | ")} |\n|---|---|---|${"---:|".repeat(COLUMNS.length)}`,
);
for (const set of sets)
  for (const side of sides) {
    const rows = runs.filter((run) => run.set === set && run.side === side);
    if (rows.length === 0) continue;
    const cells = COLUMNS.map((column) => {
      const { mean, sd } = meanAndStdDev(rows.map(({ numbers }) => numbers[column]));
      const digits = DIGITS[column];
      return `${mean.toFixed(digits)}${rows.length > 1 && column !== "steps" ? ` ± ${sd.toFixed(digits)}` : ""}`;
    });
    console.log(`| ${set} | ${side} | ${rows.map(({ seed }) => seed).sort()} | ${cells.join(" | ")} |`);
  }

const [first, second] = sides;
for (const set of first !== undefined && second !== undefined ? sets : []) {
  const seeds = runs.filter((run) => run.set === set && run.side === first).map(({ seed }) => seed);
  const pairs = seeds.flatMap((seed) => {
    const of = (side: string) =>
      runs.find((run) => run.set === set && run.side === side && run.seed === seed);
    const [a, b] = [of(first!), of(second!)];
    return a && b ? [[a.numbers, b.numbers] as const] : [];
  });
  const lower = (key: "kid" | "judgeKid"): string =>
    pairs.map(([a, b]) => `${Math.round(100 * (1 - a[key] / b[key]))}%`).join(", ");
  console.log(
    `${set}: KID of ${first} lower than ${second}'s by ${lower("kid")}; the judge's by ${lower("judgeKid")}`,
  );
}
