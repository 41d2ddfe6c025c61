/**
 * Trains every architecture and every objective for a while and looks whether the losses stay finite and the samples varied:
 *
 *     npm run nightly -- [--out DIR] [--steps N] [--only TEXT]
 *
 * Below DIR (runs/nightly): report.md, a grid of samples of each case, and the runs. What is finished is not done again, and what was
 * interrupted goes on, so that it may be stopped at any time; another number of steps needs another folder. Exit code 1 when a case fails.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { COLLAPSED_BELOW } from "../../src/training/health.ts";
import { CASES, type NightlyCase } from "./cases.ts";

/** How a case ended. */
interface Result {
  readonly name: string;
  readonly steps: number;
  readonly passed: boolean;
  /** In words; empty when all is well. */
  readonly trouble: string;
  readonly discriminatorLoss?: number;
  readonly generatorLoss?: number;
  readonly rotationAccuracy?: number;
  readonly diversity?: number;
  readonly seconds: number;
}

const PROGRAM = resolve(import.meta.dirname, "../../bin/quarterturn.js");
const { values } = parseArgs({
  options: {
    out: { type: "string", default: "runs/nightly" },
    steps: { type: "string", default: "300" },
    only: { type: "string", default: "" },
  },
});
const out = resolve(values.out);
const steps = Number(values.steps);
if (!Number.isInteger(steps) || steps < 1)
  throw new Error(`--steps ${values.steps}: a whole number from 1 up`);
const chosen = CASES.filter(({ name }) => name.includes(values.only));
if (chosen.length === 0) throw new Error(`--only ${values.only}: no case has that in its name`);

mkdirSync(join(out, "samples"), { recursive: true });
for (const [i, one] of chosen.entries()) {
  const known = readResult(one);
  const result = known ?? runCase(one);
  const verdict = result.passed ? "well" : `FAILED: ${result.trouble}`;
  console.log(`${i + 1}/${chosen.length} ${one.name}: ${verdict}${known ? " (before)" : ""}`);
  writeReport();
}
const failed = chosen.filter((one) => !readResult(one)?.passed);
console.log(`${chosen.length - failed.length} of ${chosen.length} well; ${join(out, "report.md")}`);
process.exitCode = failed.length > 0 ? 1 : 0;

function folderOf({ name }: NightlyCase): string {
  return join(out, name.replaceAll(/[^a-z0-9]+/gi, "-"));
}

/** The result of an earlier start with as many steps. */
function readResult(one: NightlyCase): Result | undefined {
  const path = join(folderOf(one), "nightly.json");
  if (!existsSync(path)) return undefined;
  const result = JSON.parse(readFileSync(path, "utf8")) as Result;
  return result.steps === steps * one.longer ? result : undefined;
}

function runCase(one: NightlyCase): Result {
  const dir = folderOf(one);
  const length = steps * one.longer;
  const fixed = [
    "objective.rotatedBatch=32",
    "training.batchSize=32",
    // Averaged weights lag behind in so short a run, while running statistics do not: their samples would not be those that are judged.
    "training.ema=0",
    `training.checkpointEvery=${Math.ceil(length / 3)}`,
    `training.sampleEvery=${Math.ceil(length / 3)}`,
  ];
  const withoutTurns = one.sets.includes("objective.selfSupervision=none");
  const sets = [
    ...fixed.filter((set) => !(withoutTurns && set.startsWith("objective.rotatedBatch"))),
    ...one.sets,
  ];
  const args = [
    "train",
    "--json",
    "--run",
    dir,
    "--steps",
    String(length),
    ...sets.flatMap((set) => ["--set", set]),
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8" });
  if (status === 130) process.exit(130);
  const result = { name: one.name, steps: length, ...judge(one, status, stdout, stderr) };
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "nightly.json"), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

function judge(
  one: NightlyCase,
  status: number | null,
  stdout: string,
  stderr: string,
): Omit<Result, "name" | "steps"> {
  if (status !== 0) {
    const trouble =
      stderr
        .trim()
        .split("\n")
        .find((line) => /error|bug/.test(line)) ?? stderr.slice(-300);
    return { passed: false, trouble: `exit code ${status}: ${trouble}`, seconds: 0 };
  }
  const { last, sample, seconds } = JSON.parse(stdout);
  copyFileSync(sample, join(out, "samples", `${folderOf(one).split("/").at(-1)}.png`));
  const record = readFileSync(join(folderOf(one), "metrics.jsonl"), "utf8")
    .trim()
    .split("\n");
  const { diversity } = record.map((line) => JSON.parse(line)).findLast((event) => event.kind === "sample");
  const collapsed = one.varied && diversity < COLLAPSED_BELOW;
  return {
    passed: !collapsed,
    trouble: collapsed ? `the samples are too much alike: diversity ${diversity.toFixed(2)}` : "",
    discriminatorLoss: last.discriminator.loss,
    generatorLoss: last.generator.loss,
    ...(last.discriminator.rotationAccuracyReal !== undefined && {
      rotationAccuracy: last.discriminator.rotationAccuracyReal,
    }),
    diversity,
    seconds,
  };
}

/** The table of all cases that have a result. */
function writeReport(): void {
  const show = (value: number | undefined, digits = 3): string => value?.toFixed(digits) ?? "";
  const rows = CASES.flatMap((one) => {
    const result = readResult(one);
    if (!result) return [];
    const { passed, trouble, discriminatorLoss, generatorLoss, rotationAccuracy, diversity, seconds } =
      result;
    const image = `![](samples/${folderOf(one).split("/").at(-1)}.png)`;
    return [
      `| ${one.name}${one.longer > 1 ? ` (${result.steps} steps)` : ""} | ${passed ? "well" : `**failed**: ${trouble}`} | ${show(discriminatorLoss)} | ${show(generatorLoss)} | ` +
        `${show(rotationAccuracy, 2)} | ${show(diversity, 2)} | ${show(seconds, 0)} | ${diversity === undefined ? "" : image} |`,
    ];
  });
  const text = `# Nightly trainings

${steps} generator steps each, where no other number is given, on the built-in images, at an eighth of the published widths. A case is well when its losses stayed finite and
the spread of its samples is at least ${COLLAPSED_BELOW} of that of real images ("variant rotation only" has no adversarial loss, so that its
samples are not judged).

| Case | | D loss | G loss | Rotation accuracy | Diversity | Seconds | Samples |
|---|---|---:|---:|---:|---:|---:|---|
${rows.join("\n")}
`;
  writeFileSync(join(out, "report.md"), text);
}
