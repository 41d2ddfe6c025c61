import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { SummaryReporter } from "./test/support/summary-reporter.ts";

/** Files that replace modules (`vi.mock`) before they load the sources: in processes of their own. */
const MOCKING = readdirSync("src", { recursive: true, encoding: "utf8" })
  .map((name) => `src/${name.replaceAll("\\", "/")}`)
  .filter((path) => path.endsWith(".test.ts") && readFileSync(path, "utf8").includes("vi.mock("));

/** How many programs want each core when the tests begin: on a busy machine everything takes so much longer. */
const BUSY = Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

/**
 * A tier of tests: what it needs decides where a test lies. No wall-clock limit belongs in a test;
 * this one only ends a test that hangs.
 * @param minutes after which it does, on a machine that has nothing else to do
 */
const tier = (name: string, minutes: number, options: TestProjectInlineConfiguration["test"]) => ({
  extends: true as const,
  test: { name, testTimeout: minutes * 60_000 * BUSY, hookTimeout: minutes * 60_000 * BUSY, ...options },
});

/**
 * Of tests that wait for other processes and for pages: one that fails is tried once more. The
 * reporter names each that passed only then, so that a race is found and not lived with.
 */
const PATIENT = { retry: 1 };

export default defineConfig({
  test: {
    pool: "forks",
    // Test files share nothing, and those of the command line wait for processes: a worker for each
    // core, where the default leaves one core free.
    maxWorkers: availableParallelism(),
    setupFiles: ["test/support/seed.ts"],
    reporters: ["default", new SummaryReporter()],
    projects: [
      tier("unit", 1, {
        include: ["src/**/*.test.ts", "web/**/*.test.ts", "test/*.test.ts", "test/support/*.test.ts"],
        exclude: [...configDefaults.exclude, ...MOCKING],
        // One process reads the sources once for many files: a third less to compute.
        isolate: false,
      }),
      tier("unit-mocking", 1, { include: MOCKING }),
      tier("networks", 3, { include: ["test/networks/**/*.test.ts"], isolate: false }),
      tier("cli", 10, { ...PATIENT, include: ["test/cli/**/*.test.ts", "test/runs/**/*.test.ts"] }),
      tier("browser", 3, { ...PATIENT, include: ["test/browser/**/*.test.ts"] }),
      tier("services", 10, { ...PATIENT, include: ["test/services/**/*.test.ts"] }),
    ],
  },
});
