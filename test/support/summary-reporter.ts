/**
 * A reporter that ends the output with what a reader and a machine look for: which tests were
 * skipped and what they lack, which passed only at the second try, on request how long each file
 * took, and last, in a line of its own, how many tests passed and failed.
 */
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";
import { reasonIn } from "./needs.ts";

/**
 * What a run came to. What failed outside a test (a file that cannot be loaded, a hook) counts as a
 * failed test.
 */
export interface ResultCounts {
  readonly passed: number;
  readonly failed: number;
}

/** Count the tests of `modules`, and `stray` errors that belong to none. */
export function countResults(modules: readonly TestModule[], stray: number): ResultCounts {
  const states = modules.flatMap((module) =>
    [...module.children.allTests()].map((test) => test.result().state),
  );
  const count = (state: string): number => states.filter((found) => found === state).length;
  const broken = modules.flatMap((module) =>
    [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0),
  );
  return { passed: count("passed"), failed: count("failed") + broken.length + stray };
}

/** What a test is called, and where it stands. */
export interface NamedTest {
  readonly fullName: string;
  readonly file: string;
}

const OTHER = "other reasons: another platform or user is needed, or a filter was given";

/**
 * One line for each reason for which tests were skipped, with their number and files; none if none
 * were.
 */
export function skippedLines(skipped: readonly NamedTest[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const { fullName, file } of skipped) {
    const reason = reasonIn(fullName) ?? OTHER;
    reasons.set(reason, [...(reasons.get(reason) ?? []), file]);
  }
  return [...reasons].map(([reason, tests]) => {
    const files = [...new Set(tests)];
    const where =
      files.length > 3 ? `${files.slice(0, 3).join(", ")} and ${files.length - 3} more` : files.join(", ");
    return `skipped ${tests.length}: ${reason} (${where})`;
  });
}

/** One line for each test that failed at first and passed when it was tried again. */
export function secondTryLines(tests: readonly NamedTest[]): string[] {
  return tests.map(({ fullName, file }) => `passed only at the second try: ${file} > ${fullName}`);
}

/**
 * Milliseconds that a file took: its tests with their hooks, and what came before (its imports
 * above all).
 */
export interface FileTime {
  readonly file: string;
  readonly tests: number;
  readonly before: number;
}

/** The files and their times in seconds, the slowest first, under their sum. */
export function timeLines(times: readonly FileTime[]): string[] {
  const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(1).padStart(7);
  const sum = (part: "tests" | "before"): number => times.reduce((total, time) => total + time[part], 0);
  const rows = [...times].sort((a, b) => b.tests + b.before - (a.tests + a.before));
  return [
    "  tests  imports  (seconds)",
    ...[{ file: "all files", tests: sum("tests"), before: sum("before") }, ...rows].map(
      ({ file, tests, before }) => `${seconds(tests)}  ${seconds(before)}  ${file}`,
    ),
  ];
}

/** Set to 1, it makes the reporter print how long each file took. */
const TIMES = "QUARTERTURN_TEST_TIMES";

/** Prints all of this when all other reporters have had their say. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const { passed, failed } = countResults(modules, errors.length);
    const nameOf = (module: TestModule): string => relative(process.cwd(), module.moduleId);
    const testsOf = (state: "passed" | "skipped") =>
      modules.flatMap((module) =>
        [...module.children.allTests(state)].map((test) => ({
          fullName: test.fullName,
          file: nameOf(module),
          flaky: test.diagnostic()?.flaky === true,
        })),
      );
    const times = modules.map((module) => {
      const { duration, collectDuration, setupDuration, prepareDuration } = module.diagnostic();
      const before = collectDuration + setupDuration + prepareDuration;
      return { file: nameOf(module), tests: duration, before };
    });
    const lines = [
      ...skippedLines(testsOf("skipped")),
      ...secondTryLines(testsOf("passed").filter(({ flaky }) => flaky)),
      ...(process.env[TIMES] ? timeLines(times) : []),
      `${passed} passed, ${failed} failed`,
    ];
    process.once("exit", () => process.stdout.write(`\n${lines.join("\n")}\n`));
  }
}
