/**
 * Values of a configuration as they were in force: those that somebody changed while the run went
 * on, with the steps from which on they were other ones.
 */
import type { Change } from "./adjustable.ts";

/** Changes of a run, in their order. */
export type Changes = readonly Pick<Change, "step" | "values">[];

/**
 * A value as text with what it was changed to: `0.005 → 0.0008 @30`, where 30 is the first step it
 * was in force at.
 * @param shown the configuration's value
 */
export function steeredText(shown: string, path: string, changes: Changes): string {
  const parts = changes.flatMap(({ step, values }) => {
    const value = changedTo(values, path);
    return value === undefined ? [] : [`${value} @${step + 1}`];
  });
  return [shown, ...parts].join(" → ");
}

/** Paths of the values that were changed. */
export const steeredPaths = (changes: Changes): string[] => [
  ...new Set(changes.flatMap(({ values }) => Object.keys(values))),
];

/** What a value is now, where it was changed. */
export function steeredValue(path: string, changes: Changes): number | undefined {
  const last = changes.findLast(({ values }) => changedTo(values, path) !== undefined);
  return last && changedTo(last.values, path);
}

const changedTo = (values: object, path: string): number | undefined =>
  Object.hasOwn(values, path) ? (values as Record<string, number>)[path] : undefined;
