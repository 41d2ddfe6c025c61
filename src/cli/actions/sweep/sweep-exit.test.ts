import { expect, it } from "vitest";
import type { PointOutcome } from "../../../app/sweep/sweep.ts";
import { exitOfPoints } from "./sweep-exit.ts";

const done = { kind: "done" };
const mistake = { kind: "failed", mistake: true };
const crash = { kind: "failed", mistake: false };

it.each<[string, PointOutcome[], number]>([
  ["all done", [done, done], 0],
  ["not all begun", [done, { kind: "waiting" }], 0],
  ["a mistake", [done, mistake], 2],
  ["a crash", [crash, done], 1],
  ["a crash and a mistake", [mistake, crash], 1],
  ["a failure that nobody explained", [{ kind: "failed" }], 1],
])("%s", (_, outcomes, code) => {
  expect(exitOfPoints(outcomes)).toBe(code);
});
