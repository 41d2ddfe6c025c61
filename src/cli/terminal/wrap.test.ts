/** Lines are broken between words, and nothing of them is lost. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { wrapText } from "./wrap.ts";

it("rows of a table go on below their last column", () => {
  expect(
    wrapText("  engine.threads  0  auto; here: 2, the cores this process may use, of 2\n  short  row", 44),
  ).toBe(
    [
      "  engine.threads  0  auto; here: 2, the",
      "                     cores this process may",
      "                     use, of 2",
      "  short  row",
    ].join("\n"),
  );
});

it("columns that are too far right, or are left when a row goes on, have no gaps", () => {
  expect(wrapText("  generator.width        32            channels             ours, chosen", 44)).toBe(
    `  generator.width        32  channels  ours,\n${" ".repeat(25)}chosen`,
  );
  expect(wrapText("  laptop                                A small SS-GAN for a laptop", 44)).toBe(
    "  laptop  A small SS-GAN for a laptop",
  );
});

it("sentences go on a little to the right, colors take no room, and words stay whole", () => {
  expect(wrapText("Training on \u001b[33mONNX Runtime\u001b[39m with 2 threads", 26)).toBe(
    "Training on \u001b[33mONNX Runtime\u001b[39m\n  with 2 threads",
  );
  const path = `/a/${"very-".repeat(20)}long/path`;
  expect(wrapText(`Everything is in ${path} now.`, 40)).toBe(`Everything is in\n  ${path}\n  now.`);
  expect(wrapText(`  --flag  ${path}`, 40)).toContain(path);
});

it("no line is too wide that has a place to be broken at, and the words are the same", () => {
  const word = fc.stringMatching(/^[a-z.,=/\u00e9-]{1,14}$/);
  const line = fc.array(fc.tuple(fc.constantFrom("", " ", "   "), word), { maxLength: 30 });
  const text = fc
    .array(line, { minLength: 1, maxLength: 4 })
    .map((lines) =>
      lines.map((parts) => parts.map(([spaces, one]) => `${spaces}${one}`).join(" ")).join("\n"),
    );
  fc.assert(
    fc.property(text, fc.integer({ min: 20, max: 120 }), (given, columns) => {
      const wrapped = wrapText(given, columns);
      expect(wrapped.split(/\s+/).filter(Boolean)).toEqual(given.split(/\s+/).filter(Boolean));
      for (const one of wrapped.split("\n"))
        if (one.length > columns) expect(one.trim().split(/ +/).length, one).toBeLessThanOrEqual(1);
      // What fits is not touched.
      expect(wrapText(wrapped, 500)).toBe(wrapped);
    }),
  );
});
