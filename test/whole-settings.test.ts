/**
 * A step is put together from parts that are made of their own sections of the settings: nothing
 * else is handed all of them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** What puts the parts together, and the starting point for settings. */
const WHOLE = [
  "objectives/build.ts",
  "objectives/paper-settings.ts",
  "objectives/steps/layer-gradients.ts",
  "objectives/steps/parts.ts",
];

it("only what puts the parts together takes all settings of the steps", () => {
  const takers = readdirSync("src", { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !/\.test\.ts$|\/testing\//.test(path))
    .filter((path) => /: StepSettings\b(?!\[)/.test(readFileSync(`src/${path}`, "utf8")));
  expect(takers.sort()).toEqual(WHOLE);
});

it("nor do objectives, networks and what is below them know a run's configuration", () => {
  const knowing = ["objectives", "models", "nn", "graph", "engine"].flatMap((folder) =>
    readdirSync(`src/${folder}`, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .filter((name) => /\bConfig\b/.test(readFileSync(`src/${folder}/${name}`, "utf8")))
      .map((name) => `${folder}/${name}`),
  );
  expect(knowing).toEqual([]);
});
