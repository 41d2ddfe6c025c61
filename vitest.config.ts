import { availableParallelism } from "node:os";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { TallyReporter } from "./test/support/tally.ts";

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
      }),
      tier("cli", 10, { include: ["test/cli/**/*.test.ts"] }),
      tier("browser", 10, { include: ["test/browser/**/*.test.ts"] }),
      tier("services", 10, { include: ["test/services/**/*.test.ts"] }),
    ],
  },
});
