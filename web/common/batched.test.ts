/** How often news is taken in. */
import { expect, it } from "vitest";
import { batched } from "./batched.ts";

/** Hear twenty messages a second for one second, and one after a pause; each time costs as much. */
function hearAll(cost: number): [at: number, all: readonly number[]][] {
  let time = 0;
  const planned: { at: number; call: () => void }[] = [];
  const taken: [at: number, all: readonly number[]][] = [];
  const hear = batched<number>(
    (all) => taken.push([time, all]),
    500,
    (work, then) => {
      work();
      then(cost);
    },
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
  for (let i = 0; i < 20; i++) {
    hear(i);
    until((i + 1) * 50);
  }
  until(9000);
  hear(20);
  until(20_000);
  return taken;
}
const everything = Array.from({ length: 21 }, (_, i) => i);

it("news is taken in at once, and then together, no more often than asked", () => {
  const taken = hearAll(3);
  expect(taken.map(([at]) => at)).toEqual([0, 500, 1000, 9000]);
  expect(taken.flatMap(([, all]) => all)).toEqual(everything);
});

it("is taken in less often where that takes long, but not for ever later", () => {
  expect(hearAll(20).map(([at]) => at)).toEqual([0, 2000, 9000]);
  expect(hearAll(8000).map(([at]) => at)).toEqual([0, 5000, 10_000]);
  expect(hearAll(8000).flatMap(([, all]) => all)).toEqual(everything);
});
