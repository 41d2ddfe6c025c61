/** A reporter for machines: the last line of the output says how many tests passed and how many failed. */
import type { Reporter, TestModule } from "vitest/node";

/** What a run came to. What failed outside a test (a file that cannot be loaded, a hook) counts as a failed test. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** Count the tests of `modules`, and `stray` errors that belong to none. */
export function tally(modules: readonly TestModule[], stray: number): Tally {
  const states = modules.flatMap((module) =>
    [...module.children.allTests()].map((test) => test.result().state),
  );
  const count = (state: string): number => states.filter((found) => found === state).length;
  const broken = modules.flatMap((module) =>
    [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0),
  );
  return { passed: count("passed"), failed: count("failed") + broken.length + stray };
}

/** Prints the tally when all other reporters have had their say. */
export class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const { passed, failed } = tally(modules, errors.length);
    process.once("exit", () => process.stdout.write(`\n${passed} passed, ${failed} failed\n`));
  }
}
