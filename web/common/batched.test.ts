/** How often news is taken in. */
import { expect, it } from "vitest";
import { batched } from "./batched.ts";

it("news is taken in at once, and then together, no more often than asked", () => {
  let time = 0;
  const planned: { at: number; call: () => void }[] = [];
  const taken: [at: number, all: readonly number[]][] = [];
  const hear = batched<number>(
    (all) => taken.push([time, all]),
    500,
    (call, milliseconds) => planned.push({ at: time + milliseconds, call }),
  );
  const until = (end: number): void => {
    for (; planned[0] && planned[0].at <= end; ) {
      const { at, call } = planned.shift()!;
      time = at;
      call();
    }
    time = end;
  };
  // Twenty messages a second for one second, then one after a pause.
  for (let i = 0; i < 20; i++) {
    hear(i);
    until((i + 1) * 50);
  }
  until(5000);
  hear(20);
  until(6000);
  expect(taken.map(([at]) => at)).toEqual([0, 500, 1000, 5000]);
  expect(taken.flatMap(([, all]) => all)).toEqual(Array.from({ length: 21 }, (_, i) => i));
});
