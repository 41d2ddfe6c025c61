/** The live table: what a line says, and what is left out where there is no room. */
import { expect, it } from "vitest";
import { createOutput } from "./output.ts";
import { type BoardRow, boardLines } from "./run-board.ts";

const row = (id: string, state: BoardRow["state"], step = 0): BoardRow => ({
  id,
  label: `model ${id}`,
  seed: 1,
  state,
  step,
  steps: 2000,
  secondsLeft: 90,
});

it("a line a run with bar, steps and time or state, and a count of them all", () => {
  const lines = boardLines([row("a", "running", 1000), row("b", "waiting"), row("c", "done", 2000)], 200, 20);
  expect(lines).toEqual([
    "a  model a  seed 1  ████████░░░░░░░░ 1,000/2,000  1 min 30 s left",
    "b  model b  seed 1  ░░░░░░░░░░░░░░░░ 0/2,000  waiting",
    "c  model c  seed 1  ████████████████ 2,000/2,000  done",
    "1 of 3 done · 1 training · 0 failed",
  ]);
});

it("without room for all, what moves or failed is shown, in its place, and lines are cut", () => {
  const rows = [row("a", "done"), row("b", "failed"), row("c", "waiting"), row("d", "running")];
  const lines = boardLines(rows, 12, 3);
  expect(lines.map((line) => line[0])).toEqual(["b", "d", "1"]);
  expect(lines.every((line) => line.length <= 12)).toBe(true);
  expect(boardLines(rows, 200, 3).at(-1)).toContain("2 not shown");
});

it("several lines are drawn over, fewer leave none behind, and words appear above them", () => {
  let written = "";
  const stream = {
    isTTY: true,
    columns: 80,
    rows: 30,
    write: (text: string) => {
      written += text;
      return true;
    },
  };
  const output = createOutput(false, { stdout: stream, stderr: stream, redrawEvery: 0 });
  output.status("one\ntwo\nthree");
  output.status("ONE\nTWO");
  output.line("said");
  // Up to the first of three; the third is erased; up to the first of two, which are erased.
  expect(written).toBe(
    "\rone\u001b[K\ntwo\u001b[K\nthree\u001b[K\r\u001b[2AONE\u001b[K\nTWO\u001b[K\u001b[J\r\u001b[1A\u001b[Jsaid\n",
  );
});
