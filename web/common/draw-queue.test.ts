/** How often charts are drawn. */
import { expect, it } from "vitest";
import { createDrawQueue } from "./draw-queue.ts";

/** A queue with a clock of its own. @param cost milliseconds of a drawing */
function queueWith(cost: number) {
  let time = 0;
  const frames: (() => void)[] = [];
  const drawn: string[] = [];
  const queue = createDrawQueue(
    (draw) => frames.push(draw),
    () => time,
  );
  const keys = new Map<string, object>();
  return {
    ask(name: string, what = name): void {
      if (!keys.has(name)) keys.set(name, {});
      queue.ask(keys.get(name)!, () => {
        time += cost;
        drawn.push(what);
      });
    },
    drop: (name: string) => queue.drop(keys.get(name)!),
    /** What one frame draws. */
    frame(): string[] {
      const before = drawn.length;
      frames.shift()?.();
      return drawn.slice(before);
    },
  };
}

it("a chart is drawn once however often it was asked for, with what was asked last", () => {
  const queue = queueWith(1);
  for (let i = 0; i < 50; i++) for (const name of ["a", "b"]) queue.ask(name, `${name}${i}`);
  expect([queue.frame(), queue.frame()]).toEqual([["a49", "b49"], []]);
});

it("many charts take several frames, so that none is long", () => {
  const queue = queueWith(5);
  for (const name of ["a", "b", "c", "d", "e"]) queue.ask(name);
  queue.drop("b");
  expect([queue.frame(), queue.frame(), queue.frame()]).toEqual([["a", "c"], ["d", "e"], []]);
});
