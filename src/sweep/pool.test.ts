/** The pool with children that are told how to end. */
import { describe, expect, it } from "vitest";
import { parseConfig } from "../training/config/check.ts";
import { type Child, type ChildEnd, explainExit } from "./child.ts";
import type { SweepPoint } from "./plan.ts";
import { type PointState, type PoolOptions, runPool } from "./pool.ts";

const point = (id: string): SweepPoint => ({
  id,
  label: id,
  seed: 1,
  config: parseConfig({}),
  dir: id,
  arguments: [id],
});

interface Script {
  /** How the children of each point end, in turn. */
  readonly ends: Readonly<Record<string, readonly ChildEnd[]>>;
  readonly options?: Partial<PoolOptions>;
}

/**
 * Run a pool whose children end after a moment as the script says; records the greatest number at
 * once.
 */
async function run({ ends, options }: Script) {
  const left = new Map(Object.entries(ends).map(([id, list]) => [id, [...list]]));
  const log: string[] = [];
  let now = 0;
  let max = 0;
  const result = await runPool({
    points: Object.keys(ends).map(point),
    jobs: 2,
    retries: 2,
    backOff: 1,
    command: ["node", "cli"],
    environment: {},
    start(command): Child {
      const id = command.at(-1)!;
      now++;
      max = Math.max(max, now);
      let stop = (): void => undefined;
      const ended = new Promise<ChildEnd>((resolve) => {
        stop = () => resolve({ kind: "interrupted" });
        setTimeout(() => resolve(left.get(id)!.shift() ?? { kind: "done" }), 5);
      }).finally(() => now--);
      return { pid: 1, ended, stop };
    },
    isDone: async () => false,
    isTaken: async () => false,
    freeMemory: () => 1e9,
    peakMemory: () => 1e6,
    onState: ({ id }, { kind }) => log.push(`${id} ${kind}`),
    ...options,
  });
  const states = Object.fromEntries([...result].map(([id, state]) => [id, state.kind]));
  return { states, result, log, max };
}

const DONE: ChildEnd = { kind: "done" };
const CRASH: ChildEnd = { kind: "crashed", message: "boom" };

describe("the pool", () => {
  it("runs all points, as many at once as asked for and no more", async () => {
    const { states, max } = await run({ ends: { a: [DONE], b: [DONE], c: [DONE], d: [DONE] } });
    expect(states).toEqual({ a: "done", b: "done", c: "done", d: "done" });
    expect(max).toBe(2);
  });

  it("tries crashed points again, not for ever, and never those that were refused", async () => {
    const refused: ChildEnd = { kind: "refused", message: "bad value" };
    const { states, result, log } = await run({
      ends: { once: [CRASH, DONE], always: [CRASH, CRASH, CRASH, CRASH], wrong: [refused, DONE] },
    });
    expect(states).toEqual({ once: "done", always: "failed", wrong: "failed" });
    expect(result.get("always")).toMatchObject({ message: "boom", mistake: false });
    expect(result.get("wrong")).toMatchObject({ message: "bad value", mistake: true });
    expect(log.filter((line) => line === "always running")).toHaveLength(3);
    expect(log.filter((line) => line === "wrong running")).toHaveLength(1);
  });

  it("starts nothing that is done or that another process has, and waits for the latter", async () => {
    let looks = 0;
    const waits: string[][] = [];
    const { states, result, log } = await run({
      ends: { old: [], theirs: [], mine: [DONE] },
      options: {
        jobs: 1,
        isDone: async ({ id }) => id === "old" || (id === "theirs" && looks === 3),
        isTaken: async ({ id }) => id === "theirs" && ++looks > 0,
        onWait: (points) => waits.push(points.map(({ id }) => id)),
      },
    });
    expect(states).toEqual({ old: "done", theirs: "done", mine: "done" });
    expect(result.get("old")).toMatchObject({ already: true });
    expect(result.get("theirs")).toMatchObject({ already: false });
    expect(log).toEqual(["old done", "theirs elsewhere", "mine running", "mine done", "theirs done"]);
    expect(waits).toEqual([["theirs"]]);
  });

  it("takes over what another process has left unfinished", async () => {
    let looks = 0;
    const { states, log } = await run({
      ends: { theirs: [DONE] },
      options: { isTaken: async () => ++looks < 3 },
    });
    expect(states).toEqual({ theirs: "done" });
    expect(log).toEqual(["theirs elsewhere", "theirs running", "theirs done"]);
  });

  it("a point that another process takes at the same moment is waited for, not failed", async () => {
    const refused: ChildEnd = { kind: "refused", message: "in use" };
    const taken = [false, true, true, false];
    const { states, log } = await run({
      ends: { raced: [refused, DONE] },
      options: { isTaken: async () => taken.shift() ?? false },
    });
    expect(states).toEqual({ raced: "done" });
    expect(log).toEqual(["raced running", "raced elsewhere", "raced running", "raced done"]);
  });

  it("waiting for other processes ends when it is told to", async () => {
    const controller = new AbortController();
    const { states } = await run({
      ends: { theirs: [] },
      options: { signal: controller.signal, isTaken: async () => true, onWait: () => controller.abort() },
    });
    expect(states).toEqual({ theirs: "elsewhere" });
  });

  it("runs one at a time where there is no room for two", async () => {
    const { states, max } = await run({
      ends: { a: [DONE], b: [DONE], c: [DONE] },
      options: { freeMemory: () => 1e6 },
    });
    expect(states).toEqual({ a: "done", b: "done", c: "done" });
    expect(max).toBe(1);
  });

  it("when it is told to end, children save and the rest is not begun", async () => {
    const controller = new AbortController();
    const states: PointState["kind"][] = [];
    const { states: last } = await run({
      ends: { a: [DONE], b: [DONE], c: [DONE] },
      options: {
        jobs: 1,
        signal: controller.signal,
        onState: (_, state) => {
          states.push(state.kind);
          if (state.kind === "running") controller.abort();
        },
      },
    });
    expect(last).toEqual({ a: "interrupted", b: "waiting", c: "waiting" });
  });
});

describe("the end of a child", () => {
  it("is told from its exit code", () => {
    expect(explainExit(0, null, "")).toEqual({ kind: "done" });
    expect(explainExit(130, null, "")).toEqual({ kind: "interrupted" });
    expect(
      explainExit(2, null, "progress\n\u001b[31merror:\u001b[39m No such preset.\nUse another.\n"),
    ).toEqual({
      kind: "refused",
      message: "No such preset.\nUse another.",
    });
    expect(explainExit(null, "SIGKILL", "step 7")).toEqual({ kind: "crashed", message: "ended by SIGKILL" });
    expect(explainExit(1, null, "a\nlast words")).toEqual({ kind: "crashed", message: "last words" });
  });
});
