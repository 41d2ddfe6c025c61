/** Docstrings of at most a hundred columns. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { emptyDocstrings, WIDTH, wideDocstrings, wrapDocstrings } from "../scripts/docstrings.ts";

const words = (count: number): string => Array.from({ length: count }, (_, i) => `word${i}`).join(" ");

it("what fits stays as it is, and code that looks like a docstring", () => {
  const source = `/** Short. */\nconst glob = "src/**/${words(30)}";\n// ${words(40)}\nconst a = 1; /** ${words(30)} */\n`;
  expect(wrapDocstrings(source)).toBe(source);
  expect(wideDocstrings(source)).toEqual([]);
});

it("a docstring of one line is broken, its tags in lines of their own", () => {
  const wrapped = wrapDocstrings(
    `  /** ${words(16)} @param a the first @throws Error if there is none */\n  f();`,
  );
  expect(wrapped.split("\n")).toEqual([
    "  /**",
    expect.stringMatching(/^ {3}\* word0 .{60,}$/),
    expect.stringMatching(/^ {3}\* word\d+/),
    "   * @param a the first",
    "   * @throws Error if there is none",
    "   */",
    "  f();",
  ]);
});

it("paragraphs are filled anew where they must, code and what is indented never", () => {
  const code = `const long = "${words(30)}";`;
  const source = `/**\n * ${words(30)}\n * and on\n *\n * short\n * lines\n * \`\`\`ts\n * ${code}\n * \`\`\`\n */`;
  const lines = wrapDocstrings(source).split("\n");
  expect(lines.slice(-7)).toEqual([" *", " * short", " * lines", " * ```ts", ` * ${code}`, " * ```", " */"]);
  expect(lines[3]).toMatch(/ and on$/);
  expect(wideDocstrings(lines.join("\n"))).toEqual([lines.length - 2]);
});

it("items of lists go on two spaces in, and formulas four spaces in are left alone", () => {
  const formula = `    y = ${"x + ".repeat(30)}1`;
  const lines = wrapDocstrings(`/**\n * - ${words(30)}\n *   ${words(12)}\n *\n * ${formula}\n */`).split(
    "\n",
  );
  const [first, ...others] = lines.slice(1, lines.indexOf(" *"));
  expect(first).toMatch(/^ \* - word0 /);
  expect(others.length).toBeGreaterThan(1);
  for (const line of others) expect(line).toMatch(/^ \* {3}word/);
  expect(lines).toContain(` * ${formula}`);
  expect(wideDocstrings(lines.join("\n"))).toEqual([]);
});

it("no word is lost or moved, nothing is wider, and it changes nothing the second time", () => {
  const word = fc.stringMatching(/^[a-z][a-z{}()`@.,-]{0,19}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 60 }), fc.nat(8), (text, depth) => {
      const source = `${" ".repeat(depth)}/** The ${text.join(" ")} */`;
      const wrapped = wrapDocstrings(source);
      const wordsOf = (all: string): string =>
        all
          .replaceAll(/\/\*\*|\*\/|^ *\* /gm, " ")
          .split(/\s+/)
          .join(" ");
      expect(wordsOf(wrapped)).toBe(wordsOf(source));
      expect(wrapDocstrings(wrapped)).toBe(wrapped);
      for (const line of wrapped.split("\n")) expect(line.length).toBeLessThanOrEqual(WIDTH);
    }),
  );
});

it("exported declarations are described in three words at least, or by a formula", () => {
  const source = [
    "/** Read it. */",
    "export function a(): void {}",
    "/** → [N, 1] */",
    "export function b(): void {}",
    "/** Reads a file. */",
    "export const c = (): void => {};",
    "export const d = (): void => {};",
    "/** How. @throws UserError where it cannot be read */",
    "export interface E {}",
    "/** How. */",
    "const inside = (): void => {};",
    "/**",
    " * Adds two.",
    " * @param x the first",
    " */",
    "export async function g(x: number): Promise<void> {}",
    "export function b(x: number): void {}",
  ].join("\n");
  expect(emptyDocstrings(source)).toEqual([1, 7, 8, 12]);
});
