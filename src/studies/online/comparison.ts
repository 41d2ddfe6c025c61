/**
 * The two sides of an online study against each other. The unit is a task: its measurements share
 * one network and its test images, so they are averaged first. Tasks of one study share a network
 * too, so a p-value speaks of this run, not of others.
 */

import { type MeanTest, meanTest, signTest } from "../../base/math/significance.ts";
import { mean } from "../../base/math/statistics.ts";
import type { AccuracyLine } from "./record.ts";
import type { OnlineSettings } from "./settings.ts";

/**
 * Measurements from so many iterations into a task on: before, the head is still learning what it
 * is asked.
 */
export const SETTLED_AFTER = 50;

/** How one side differs from the other in one cycle. */
export interface CycleComparison {
  /** 0 for the first. */
  readonly cycle: number;
  /**
   * Accuracy with the rotation loss minus accuracy without it, a number for each task: mean of its
   * measurements after the switch.
   */
  readonly differences: readonly number[];
  /** Student's t-test over the tasks. */
  readonly test: MeanTest;
  /** Tasks in which the rotation loss is ahead, and the p-value of the sign test. */
  readonly ahead: number;
  readonly signP: number;
}

/**
 * Compare the two sides, task by task.
 * @param vanilla lines of the side without the rotation loss
 * @param rotation lines of the other, which saw the same batches
 * @returns one entry for each cycle in which two tasks or more were measured on both sides
 */
export function compareSides(
  vanilla: readonly AccuracyLine[],
  rotation: readonly AccuracyLine[],
  settings: Pick<OnlineSettings, "taskIterations">,
): CycleComparison[] {
  const other = new Map(settled(rotation, settings).map((line) => [line.step, line]));
  const byTask = new Map<string, { readonly cycle: number; readonly values: number[] }>();
  for (const line of settled(vanilla, settings)) {
    const partner = other.get(line.step);
    if (!partner) continue;
    const key = `${line.cycle}/${line.task}`;
    const entry = byTask.get(key) ?? { cycle: line.cycle, values: [] };
    entry.values.push(partner.accuracy - line.accuracy);
    byTask.set(key, entry);
  }
  const tasks = [...byTask.values()];
  return [...new Set(tasks.map(({ cycle }) => cycle))].flatMap((cycle) => {
    const differences = tasks.filter((task) => task.cycle === cycle).map(({ values }) => mean(values));
    if (differences.length < 2) return [];
    return [
      {
        ...{ cycle, differences, test: meanTest(differences) },
        ahead: differences.filter((value) => value > 0).length,
        signP: signTest(differences),
      },
    ];
  });
}

/** Measurements of the task under training, long enough after a switch. */
function settled(
  lines: readonly AccuracyLine[],
  { taskIterations }: Pick<OnlineSettings, "taskIterations">,
): AccuracyLine[] {
  return lines.filter(({ moment, step }) => {
    const into = step > 0 ? ((step - 1) % taskIterations) + 1 : 0;
    return moment !== "switch" && into >= Math.min(SETTLED_AFTER, taskIterations);
  });
}

/** A comparison in words, in percentage points. */
export function comparisonSentence({ cycle, test, ahead, signP, differences }: CycleComparison): string {
  const points = (value: number): string => `${value < 0 ? "−" : "+"}${(100 * Math.abs(value)).toFixed(2)}`;
  const p = (value: number): string => (value < 0.001 ? "p < 0.001" : `p = ${value.toFixed(3)}`);
  return [
    `Cycle ${cycle + 1}: accuracy with the rotation loss minus accuracy without it is ${points(test.mean)} ± ${(100 * test.standardError).toFixed(2)} points`,
    `(mean and standard error over ${differences.length} tasks, measurements from iteration ${SETTLED_AFTER} on; t = ${test.t.toFixed(1)}, ${p(test.p)};`,
    `ahead in ${ahead} of ${differences.length}, sign test ${p(signP)}).`,
  ].join(" ");
}
