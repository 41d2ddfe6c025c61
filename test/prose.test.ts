/** One sentence a line in documents. */
import { describe, expect, it } from "vitest";
import { oneSentenceALine, sentencesOf } from "../scripts/sentences.ts";

describe("sentences", () => {
  it.each([
    ["One. Two!  Three? Four", ["One.", "Two!", "Three?", "Four"]],
    ["By 0.5 and e.g. A. Author et al. 2020. Next.", ["By 0.5 and e.g. A. Author et al. 2020.", "Next."]],
    ["Uses `a. B` here (see this. And that). End.", ["Uses `a. B` here (see this. And that).", "End."]],
    ['It says "no. Never". `train` goes on.', ['It says "no. Never".', "`train` goes on."]],
    ["**Bold.** Then compare_gan. compare_gan too.", ["**Bold.**", "Then compare_gan.", "compare_gan too."]],
    ["A file .ts, a path a.b and 3 … 5.", ["A file .ts, a path a.b and 3 … 5."]],
  ])("%j", (text, expected) => expect(sentencesOf(text)).toEqual(expected));
});

it("keeps headings, tables, code, lists and what is generated, and does not change a second time", () => {
  const document = [
    "# A title. With a dot",
    "",
    "One here. Two",
    "goes on. Three.",
    "",
    "    code. Not prose.",
    "",
    "| a. B | c |",
    "",
    "- An item. Its second",
    "  sentence.",
    "1. Another. One.",
    "",
    "```",
    "fenced. Code.",
    "```",
    "<!-- generated: x -->",
    "Left. Alone.",
    "<!-- end -->",
    "Last. One.",
    "",
  ].join("\n");
  const expected = [
    "# A title. With a dot",
    "",
    "One here.",
    "Two goes on.",
    "Three.",
    "",
    "    code. Not prose.",
    "",
    "| a. B | c |",
    "",
    "- An item.",
    "  Its second sentence.",
    "1. Another.",
    "   One.",
    "",
    "```",
    "fenced. Code.",
    "```",
    "<!-- generated: x -->",
    "Left. Alone.",
    "<!-- end -->",
    "Last.",
    "One.",
    "",
  ].join("\n");
  expect(oneSentenceALine(document)).toBe(expected);
  expect(oneSentenceALine(expected)).toBe(expected);
});
