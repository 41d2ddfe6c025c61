/** How the end of a process of this program is read. */
import { expect, it } from "vitest";
import { exitOf, lastError } from "./child-exit.ts";

it("knows the exit codes of the command line", () => {
  expect([0, 1, 2, 130, 139, null].map(exitOf)).toEqual([
    ...["done", "crashed", "refused", "interrupted", "crashed", "crashed"],
  ]);
});

it.each([
  ["progress\n\u001b[31merror:\u001b[39m No such preset.\nUse another.\n", "No such preset.\nUse another."],
  ["error: one\nerror: two", "two"],
  ["a\nthe reader said error: 5", "the reader said error: 5"],
  ["", ""],
])("%j says %j", (printed, words) => {
  expect(lastError(printed)).toBe(words);
});
