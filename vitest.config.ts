import { availableParallelism } from "node:os";
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { TallyReporter } from "./test/support/tally.ts";

/** Files that replace modules of Node (`vi.mock`) before they load the sources: in a process of their own. */
const MOCKING = ["src/data/disk-full.test.ts", "src/data/fetch/fetch.test.ts"];

/**
 * A tier of tests: what it needs decides where a test lies. No wall-clock limit belongs in a test;
 * this one only ends a test that hangs.
 */
const tier = (name: string, minutes: number, options: TestProjectInlineConfiguration["test"]) => ({
  extends: true as const,
  test: { name, testTimeout: minutes * 60_000, hookTimeout: minutes * 60_000, ...options },
});

export default defineConfig({
  test: {
    pool: "forks",
    // Test files share nothing, and those of the command line wait for processes: a worker for each
    // core, where the default leaves one core free.
    maxWorkers: availableParallelism(),
    setupFiles: ["test/support/seed.ts"],
    reporters: ["default", new TallyReporter()],
    projects: [
      tier("unit", 1, {
        include: ["src/**/*.test.ts", "web/**/*.test.ts", "test/*.test.ts", "test/support/*.test.ts"],
        exclude: [...configDefaults.exclude, ...MOCKING],
        // A process reads the sources once for many files: a third less to compute.
        isolate: false,
      }),
      tier("unit-mocking", 1, { include: MOCKING }),
      tier("cli", 10, { include: ["test/cli/**/*.test.ts"] }),
      tier("browser", 10, { include: ["test/browser/**/*.test.ts"] }),
      tier("services", 10, { include: ["test/services/**/*.test.ts"] }),
    ],
  },
});
