/**
 * Every end of a run is put on record, and the state of a run follows from what lies in its folder.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { asFlag } from "../../base/option-flags.ts";
import { readMetrics } from "../evaluation/metrics.node.ts";
import { readRunProgress } from "../run/folder/run-state.node.ts";
import { type FakeOptions, fakeConfig } from "../testing/fake.ts";
import { essence, toySessions } from "../testing/session.ts";
import { progressOf } from "./ending.ts";

const { path, session } = toySessions();
const STEPS = fakeConfig().training.steps;

/** The last line of a record, and how many of its kind there are. */
async function endOf(run: string) {
  const { lines } = await readMetrics(path(run, "metrics.jsonl"));
  expect(lines.filter(({ kind }) => kind === "ended").length).toBeLessThanOrEqual(1);
  return lines.at(-1);
}
const standing = (run: string) => readRunProgress(path(run), STEPS);

/** Put NaN among the parameters during step 7. */
const poison: FakeOptions["beforeUpdate"] = (update, state) => {
  if (update === 3 * 6) state.get("discriminator/parameters")![0] = Number.NaN;
};
const breakDown: FakeOptions["beforeUpdate"] = (update) => {
  if (update === 3 * 6) throw new Error("the worker has ended");
};

describe("an end on record", () => {
  it("of a run that has all its steps", async () => {
    await session("run");
    expect(await endOf("run")).toMatchObject({ kind: "ended", how: "finished", step: STEPS, advice: "" });
    expect(await standing("run")).toMatchObject({ state: "finished", step: STEPS, steps: STEPS });
    // Run again, it is the same one.
    await session("run");
    expect(await endOf("run")).toMatchObject({ how: "finished", step: STEPS });
    // More steps are asked for.
    expect(await readRunProgress(path("run"), 2 * STEPS)).toMatchObject({
      state: "stopped",
      how: "finished",
    });
  });

  it("of one that was stopped, whose record is the undisturbed one's after it went on", async () => {
    await session("whole");
    await session("run", { abortAt: 3 });
    expect(await endOf("run")).toMatchObject({ how: "stopped", step: 3 });
    expect(await standing("run")).toMatchObject({ state: "stopped", step: 3 });
    await session("run");
    expect(await essence(path("run"))).toEqual(await essence(path("whole")));
  });

  it("of one that diverged, with the step and what to do", async () => {
    const thrown = await session("run", { engine: { beforeUpdate: poison } }).catch((error) => error);
    expect(thrown).toBeInstanceOf(UserError);
    // The record is for people, who continue the run on the command line.
    const { message: said, hint } = (thrown as UserError).written(asFlag);
    const end = await endOf("run");
    expect(end).toMatchObject({ kind: "ended", how: "diverged", step: 7, message: said, advice: hint });
    expect(hint).toContain("--fork");
    expect(await standing("run")).toMatchObject({ state: "failed", how: "diverged", step: 7 });
    expect((await standing("run")).advice).toContain("optimizer.learningRate");
  });

  it("of one that crashed; the error itself is thrown on", async () => {
    await expect(session("run", { engine: { beforeUpdate: breakDown } })).rejects.toThrow(
      "the worker has ended",
    );
    expect(await endOf("run")).toMatchObject({ how: "crashed", step: 6, message: "the worker has ended" });
    expect(await standing("run")).toMatchObject({ state: "failed", how: "crashed" });
    const { events } = await session("run");
    const notes = events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
    expect(notes).toContain("This run crashed at step 6 before: the worker has ended");
    expect(events.filter(({ kind }) => kind === "step")).toHaveLength(STEPS - 4);
    expect(await standing("run")).toMatchObject({ state: "finished" });
  });
});

describe("a run without an end on record", () => {
  /** As a killed process leaves it after step 5. */
  async function killed(): Promise<void> {
    await session("run", { abortAt: 5 });
    const record = await readFile(path("run", "metrics.jsonl"), "utf8");
    await writeFile(path("run", "metrics.jsonl"), record.replace(/\{"kind":"ended".*\n$/, ""));
  }
  const lock = (pid: number): Promise<void> =>
    writeFile(
      path("run", "lock.json"),
      JSON.stringify({ pid, host: hostname(), processStart: null, since: "", id: "x" }),
    );

  it("was killed: by its sessions, or by the lock that is left", async () => {
    await killed();
    expect(await standing("run")).toMatchObject({ state: "interrupted", how: "killed", step: 5 });
    expect((await standing("run")).advice).toContain("goes on from the checkpoint of step 5");
    await rm(path("run", "environment.json"));
    expect(await standing("run")).toMatchObject({ state: "stopped" });
    await lock(99_999_999);
    expect(await standing("run")).toMatchObject({ state: "interrupted" });
  });

  it("is trained while somebody holds it", async () => {
    await killed();
    await lock(process.pid);
    expect(await standing("run")).toEqual({ state: "running", step: 5, steps: STEPS });
  });

  it("of earlier versions is finished or stopped, by its steps", () => {
    const signs = { alive: false, paused: false, ended: undefined, steps: 9, saved: 0, recordsEnd: false };
    expect(progressOf({ ...signs, step: 9 })).toEqual({ state: "finished", step: 9, steps: 9 });
    expect(progressOf({ ...signs, step: 3 })).toEqual({ state: "stopped", step: 3, steps: 9 });
  });

  it("that had its last step, but not its last checkpoint, was killed in between", () => {
    const signs = { alive: false, paused: false, ended: undefined, step: 9, steps: 9, recordsEnd: true };
    expect(progressOf({ ...signs, saved: 8 }).state).toBe("interrupted");
    expect(progressOf({ ...signs, saved: 9 }).state).toBe("finished");
  });
});
