/** The end of a run of tests: what was skipped and why, and where the time went. */
import { describe, expect, it } from "vitest";
import { reasonIn } from "./needs.ts";
import { secondTryLines, skippedLines, timeLines } from "./summary-reporter.ts";

describe("skipped tests", () => {
  it("carry their reason in their name, which may have parentheses", () => {
    expect(reasonIn("a page [skipped: no Chromium (apt-get install chromium)] > opens")).toBe(
      "no Chromium (apt-get install chromium)",
    );
    expect(reasonIn("a page > opens (skipped: never)")).toBeUndefined();
  });

  it("are counted by reason, with at most three files each", () => {
    const test = (name: string, file: string) => ({ fullName: `${name} > works`, file });
    expect(
      skippedLines([
        test("a [skipped: no Redis]", "a.test.ts"),
        test("a [skipped: no Redis]", "a.test.ts"),
        test("b", "b.test.ts"),
        ...["c", "d", "e", "f"].map((name) => test(`${name} [skipped: no Chromium]`, `${name}.test.ts`)),
      ]),
    ).toEqual([
      "skipped 2: no Redis (a.test.ts)",
      expect.stringMatching(/^skipped 1: other reasons: .*\(b\.test\.ts\)$/),
      "skipped 4: no Chromium (c.test.ts, d.test.ts, e.test.ts and 1 more)",
    ]);
  });

  it("there are none: nothing is said", () => {
    expect(skippedLines([])).toEqual([]);
  });
});

it("a test that passed only when it was tried again is named", () => {
  expect(secondTryLines([])).toEqual([]);
  expect(secondTryLines([{ fullName: "a page > opens", file: "page.test.ts" }])).toEqual([
    "passed only at the second try: page.test.ts > a page > opens",
  ]);
});

it("times are in seconds, their sum first, then the slowest file", () => {
  expect(
    timeLines([
      { file: "fast.test.ts", tests: 100, before: 900 },
      { file: "slow.test.ts", tests: 9_000, before: 1_000 },
    ]).slice(1),
  ).toEqual([
    "    9.1      1.9  all files",
    "    9.0      1.0  slow.test.ts",
    "    0.1      0.9  fast.test.ts",
  ]);
});
