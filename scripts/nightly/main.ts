/**
 * Trains every architecture and every objective for a while and looks whether the losses stay
 * finite and the samples varied:
 *
 *     npm run nightly -- [--out DIR] [--steps N] [--only TEXT]
 *
 * Below DIR (runs/nightly): report.md, a grid of samples of each case, and the runs. What is
 * finished is not done again, and what was interrupted goes on, so that it may be stopped at any
 * time; another number of steps needs another folder. Exit code 1 when a case fails.
 *
 * Small GANs go through spells of drawing one picture and come out of them: sndcgan drew one at
 * step 334 (diversity 0.09) and varied ones at 668 (0.70) and 1000 (0.92). So a case whose samples
 * are too much alike goes on for as many steps again, up to three times as many in all.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { quantitiesOfStep } from "../../src/base/quantities.ts";
import type { PretextTask } from "../../src/objectives/pretext/pretext-task.ts";
import { PRETEXT_TASKS, type SelfSupervision, USUAL_TASK } from "../../src/objectives/pretext/registry.ts";
import { COLLAPSED_BELOW } from "../../src/training/loop/health/health.ts";
import { CASES, type NightlyCase } from "./cases.ts";
import { type QualityResult, runQuality } from "./quality.ts";

/** How a case ended. */
interface Result {
  readonly name: string;
  /** As many as were asked for, and as many as it took. */
  readonly steps: number;
  readonly done: number;
  readonly passed: boolean;
  /** In words; empty when all is well. */
  readonly trouble: string;
  readonly discriminatorLoss?: number;
  readonly generatorLoss?: number;
  readonly taskAccuracy?: number | undefined;
  readonly diversity?: number;
  readonly seconds: number;
}

/** How many times the steps a case may have. */
const LONGEST = 3;
const SELF_SUPERVISION = "objective.selfSupervision=";
/** The name of the last case, and the processor time of each of its sides. */
const QUALITY = "quality of the default";
const QUALITY_SECONDS = 60;
let quality: QualityResult | undefined;
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
const asksQuality = QUALITY.includes(values.only);
if (chosen.length === 0 && !asksQuality)
  throw new Error(`--only ${values.only}: no case has that in its name`);

mkdirSync(join(out, "samples"), { recursive: true });
for (const [i, one] of chosen.entries()) {
  const known = readResult(one);
  const result = known ?? runCase(one);
  const verdict = result.passed ? "well" : `FAILED: ${result.trouble}`;
  console.log(`${i + 1}/${chosen.length} ${one.name}: ${verdict}${known ? " (before)" : ""}`);
  writeReport();
}
if (asksQuality) {
  quality = runQuality(out, QUALITY_SECONDS);
  console.log(`${QUALITY}: ${quality.passed ? "well" : "FAILED"}: ${quality.says}`);
  writeReport();
}
const failed = chosen.filter((one) => !readResult(one)?.passed);
console.log(`${chosen.length - failed.length} of ${chosen.length} well; ${join(out, "report.md")}`);
process.exitCode = failed.length > 0 || quality?.passed === false ? 1 : 0;

function folderOf({ name }: NightlyCase): string {
  return join(out, name.replaceAll(/[^a-z0-9]+/gi, "-"));
}

/** The result of an earlier start with as many steps. */
function readResult(one: NightlyCase): Result | undefined {
  const path = join(folderOf(one), "nightly.json");
  if (!existsSync(path)) return undefined;
  const result = JSON.parse(readFileSync(path, "utf8")) as Result;
  return result.steps === steps ? result : undefined;
}

function runCase(one: NightlyCase): Result {
  const dir = folderOf(one);
  const fixed = [
    "objective.rotatedBatch=32",
    "training.batchSize=32",
    // Averaged weights lag behind in so short a run, while running statistics do not: their samples would not be those that are judged.
    "training.ema=0",
    `training.checkpointEvery=${Math.ceil(steps / 3)}`,
    `training.sampleEvery=${Math.ceil(steps / 3)}`,
  ];
  // Where no task is shown a part of the batch, its size would do nothing.
  const name = one.sets.find((set) => set.startsWith(SELF_SUPERVISION))?.slice(SELF_SUPERVISION.length);
  const task: PretextTask | undefined = PRETEXT_TASKS[(name ?? USUAL_TASK) as SelfSupervision];
  const withoutTurns = task === undefined || task.adversarial.kind === "replaced";
  const sets = [
    ...fixed.filter((set) => !(withoutTurns && set.startsWith("objective.rotatedBatch"))),
    ...one.sets,
  ];
  const train = (done: number): Result => {
    const args = ["train", "--json", "--run", dir, "--steps", String(done)];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [PROGRAM, ...args, ...sets.flatMap((set) => ["--set", set])],
      { encoding: "utf8" },
    );
    if (status === 130) process.exit(130);
    return { name: one.name, steps, done, ...judge(one, status, stdout, stderr) };
  };
  let result = train(steps);
  while (!result.passed && result.diversity !== undefined && result.done < LONGEST * steps)
    result = train(result.done + steps);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "nightly.json"), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

function judge(
  one: NightlyCase,
  status: number | null,
  stdout: string,
  stderr: string,
): Omit<Result, "name" | "steps" | "done"> {
  if (status !== 0) {
    const trouble =
      stderr
        .trim()
        .split("\n")
        .find((line) => /error|bug/.test(line)) ?? stderr.slice(-300);
    return { passed: false, trouble: `exit code ${status}: ${trouble}`, seconds: 0 };
  }
  const { seconds } = JSON.parse(stdout);
  // From the record: of a run that was finished before, the command has nothing to tell.
  const record = readFileSync(join(folderOf(one), "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const last = record.findLast((event) => event.kind === "step");
  const { diversity, file } = record.findLast((event) => event.kind === "sample");
  copyFileSync(join(folderOf(one), file), join(out, "samples", `${folderOf(one).split("/").at(-1)}.png`));
  const collapsed = one.varied && diversity < COLLAPSED_BELOW;
  return {
    passed: !collapsed,
    trouble: collapsed ? `the samples are too much alike: diversity ${diversity.toFixed(2)}` : "",
    discriminatorLoss: last.discriminator.loss,
    generatorLoss: last.generator.loss,
    taskAccuracy: quantitiesOfStep(last).taskAccuracyReal,
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
    const { done, passed, trouble, discriminatorLoss, generatorLoss, taskAccuracy, diversity, seconds } =
      result;
    const image = `![](samples/${folderOf(one).split("/").at(-1)}.png)`;
    return [
      `| ${one.name}${done > steps ? ` (${done} steps)` : ""} | ${passed ? "well" : `**failed**: ${trouble}`} | ${show(discriminatorLoss)} | ${show(generatorLoss)} | ` +
        `${show(taskAccuracy, 2)} | ${show(diversity, 2)} | ${show(seconds, 0)} | ${diversity === undefined ? "" : image} |`,
    ];
  });
  const text = `# Nightly trainings

${steps} generator steps each, where no other number is given (a case whose samples are too much alike goes on), on the built-in images, at an eighth of the published widths. A case is well when its losses stayed finite and
the spread of its samples is at least ${COLLAPSED_BELOW} of that of real images (not asked of "variant rotation only", which has no adversarial loss, and of
least squares with WGAN-GP, see cases.ts).

| Case | | D loss | G loss | Rotation accuracy | Diversity | Seconds | Samples |
|---|---|---:|---:|---:|---:|---:|---|
${rows.join("\n")}
${quality ? `\n${QUALITY}: ${quality.passed ? "well" : "**failed**"}. ${quality.says}.\n` : ""}`;
  writeFileSync(join(out, "report.md"), text);
}
