/** Grids by the clock. */
import { expect, it } from "vitest";
import { createGridClock } from "./clock.ts";

/** Steps at which a grid is made. @param step milliseconds of a step @param grid of a grid */
function gridSteps(step: number, grid: number, total: number): number[] {
  let time = 0;
  const clock = createGridClock(() => time);
  const made: number[] = [];
  for (let done = 1; time < total; done++) {
    time += step;
    if (!clock.due(done)) continue;
    made.push(done);
    expect(clock.due(done), "while one is under way").toBe(false);
    time += grid;
    clock.shown();
  }
  return made;
}

it("the first steps are shown, then every three seconds", () => {
  expect(gridSteps(100, 50, 12_000)).toEqual([1, 2, 5, 10, 20, 50, 80, 110]);
});

it("grids that take long come rarely, and take no more than their share", () => {
  const made = gridSteps(100, 4000, 120_000);
  expect(made[0]).toBe(1);
  expect(made.length * 4000).toBeLessThan(0.3 * 120_000);
  expect(made.length).toBeGreaterThan(3);
});

it("an old run has few more than a young one: all of them stay in memory", () => {
  const hour = gridSteps(200, 300, 3_600_000).length;
  expect(hour).toBeLessThan(120);
  expect(gridSteps(200, 300, 4 * 3_600_000).length).toBeLessThan(hour + 40);
});

it("a grid that was made for another reason counts", () => {
  let time = 0;
  const clock = createGridClock(() => time);
  time = 2900;
  clock.shown();
  time = 3100;
  expect(clock.due(30)).toBe(false);
  time = 6000;
  expect(clock.due(31)).toBe(true);
});
