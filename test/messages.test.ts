/**
 * Words for people are the same on a terminal and on a page: no marks of a notation that neither of
 * them draws.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const sources = ["src", "web"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith(".test.ts"))
    .map((name) => join(folder, name)),
);

/** Texts in double quotes on the lines that are no comments. */
const textsOf = (source: string): string[] =>
  source
    .split("\n")
    .filter((line) => !/^\s*(\*|\/\*|\/\/)/.test(line))
    .flatMap((line) => line.match(/"(?:[^"\\]|\\.)*"/g) ?? []);

it("no message has a command between backticks", () => {
  // The model card is Markdown.
  const others = sources.filter((path) => !path.endsWith(join("training", "export", "card.ts")));
  expect(others.length).toBeGreaterThan(300);
  const marked = others.flatMap((path) =>
    textsOf(readFileSync(join(root, path), "utf8"))
      .filter((text) => /`[\w-]+(?: [^`]*)?`/.test(text))
      .map((text) => `${path}: ${text}`),
  );
  expect(marked).toEqual([]);
});
