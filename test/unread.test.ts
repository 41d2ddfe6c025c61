/** What is declared is read: an option or a configuration value that changes nothing is a fault. */
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { isTest, readSources } from "../scripts/imports.ts";
import type { CommandModule } from "../src/cli/command.ts";
import { optionSpec } from "../src/cli/options/arguments.ts";
import { flattenConfig, parseConfig } from "../src/training/config/check.ts";
import { unreadOptions, unreadPaths } from "./support/unread.ts";

const SOURCES = resolve(import.meta.dirname, "../src");
const files = readSources(SOURCES).filter(({ path }) => !isTest(path));
const commands = readdirSync(resolve(SOURCES, "cli/commands")).filter((name) => !name.endsWith(".test.ts"));

describe("every option is read by what its command can reach:", () => {
  it.each(commands)("%s", async (name) => {
    const { command } = (await import(resolve(SOURCES, "cli/commands", name))) as { command: CommandModule };
    const names = command.options.map((option) => optionSpec(option).name);
    expect(unreadOptions(`cli/commands/${name}`, names, files)).toEqual([]);
  });

  it("one that is not, or that only another command reads, is found", () => {
    const declared = ["run", "queue", "frobnicate"];
    expect(unreadOptions("cli/commands/bundle.ts", declared, files)).toEqual(["run", "queue", "frobnicate"]);
    expect(unreadOptions("cli/commands/worker.ts", declared, files)).toEqual(["run", "frobnicate"]);
  });
});

describe("every configuration value is read", () => {
  const paths = Object.keys(flattenConfig(parseConfig({})));

  it("outside of where it is declared and checked", () => {
    expect(paths.length).toBeGreaterThan(50);
    expect(unreadPaths(paths, files)).toEqual([]);
  });

  it("one that is not is found", () => {
    expect(unreadPaths([...paths, "optimizer.weightDecay", "training.frobnicate"], files)).toEqual([
      "optimizer.weightDecay",
      "training.frobnicate",
    ]);
  });
});
