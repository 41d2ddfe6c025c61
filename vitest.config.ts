import { defineConfig } from "vitest/config";
import { TallyReporter } from "./test/support/tally.ts";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "web/**/*.test.ts", "test/**/*.test.ts"],
    // No wall-clock limit belongs in a test; this only ends one that hangs.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    pool: "forks",
    setupFiles: ["test/support/seed.ts"],
    reporters: ["default", new TallyReporter()],
  },
});
