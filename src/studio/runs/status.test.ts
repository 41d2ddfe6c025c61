/** What a run is doing, how fast, and when it will be done. */
import { expect, it } from "vitest";
import { paceOf } from "../../training/loop/pace.ts";

const steady = (count: number, gap = 500): [number, number][] =>
  Array.from({ length: count }, (_, i) => [i + 1, 1_000_000 + gap * i]);

it("the time that is left follows from the latest steps", () => {
  const latest = steady(50);
  const pace = paceOf(latest, 250, latest.at(-1)![1] + 100);
  expect(pace).toEqual({ secondsPerStep: 0.5, secondsLeft: 100 });
});

it("a pause among them says nothing about the rest", () => {
  const latest = steady(50).map(([step, time]): [number, number] => [
    step,
    step > 25 ? time + 3_600_000 : time,
  ]);
  expect(paceOf(latest, 250, latest.at(-1)![1])).toMatchObject({ secondsPerStep: 0.5, secondsLeft: 100 });
});

it("nothing is promised before there are two steps, or when nothing has moved for long", () => {
  expect(paceOf([], 100, 0)).toEqual({});
  expect(paceOf(steady(1), 100, 0)).toEqual({});
  const latest = steady(10);
  expect(paceOf(latest, 100, latest.at(-1)![1] + 120_000).secondsLeft).toBeUndefined();
});
