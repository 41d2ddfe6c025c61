/**
 * A run from the command line: begun, interrupted, continued, forked; and when the disk is full.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contents, makePictures, train, Workspace } from "./support.ts";

const workspace = new Workspace();
beforeAll(() => makePictures(workspace.path("pictures"), 64));
afterAll(() => workspace.remove());

const checkpoints = (run: string): string[] => readdirSync(workspace.path(run, "checkpoints")).sort();

describe("train", () => {
  it("writes a run, and the same command with more steps continues it", async () => {
    const first = await workspace.run(...train("a", "--steps", "2"));
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toMatch(/Training for 2 steps/);
    expect(first.stdout).toMatch(/samples a\/samples\/0000002-ema\.png/);
    expect(readdirSync(workspace.path("a"))).toEqual(
      expect.arrayContaining(["config.json", "environment.json", "metrics.jsonl", "samples", "checkpoints"]),
    );

    const second = await workspace.run(...train("a", "--steps", "4", "--json"));
    expect(second.stderr).toMatch(/Continuing at step 2 of 4/);
    expect(JSON.parse(second.stdout)).toMatchObject({ reason: "finished", step: 4, last: { step: 4 } });
    expect(checkpoints("a")).toEqual(["0000002", "0000004"]);
    const steps = readFileSync(workspace.path("a", "metrics.jsonl"), "utf8").trim().split("\n");
    expect(
      steps
        .map((line) => JSON.parse(line))
        .filter(({ kind }) => kind === "step")
        .map(({ step }) => step),
    ).toEqual([1, 2, 3, 4]);
  });

  it("goes on with a run by its folder alone", async () => {
    const { code, stdout } = await workspace.run("train", "--run", "a", "--steps", "5", "--json");
    expect({ code, step: JSON.parse(stdout).step }).toEqual({ code: 0, step: 5 });
  });

  it("refuses a changed configuration, showing the difference and leaving the run as it is", async () => {
    const before = contents(workspace.path("a"));
    const { code, stderr } = await workspace.run(
      ...train("a", "--steps", "5", "--set", "optimizer.learningRate=0.1"),
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/optimizer\.learningRate: \S+ → 0\.1[\s\S]*--fork/);
    expect(contents(workspace.path("a"))).toEqual(before);
  });

  it("--fork takes the changed configuration to a new folder, --new begins again beside", async () => {
    const before = contents(workspace.path("a"));
    const fork = await workspace.run(
      ...train("a", "--steps", "6", "--set", "optimizer.learningRate=0.001", "--fork", "--json"),
    );
    expect(JSON.parse(fork.stdout)).toMatchObject({ run: workspace.path("a-2"), step: 6 });
    const fresh = await workspace.run(...train("a", "--steps", "1", "--new", "--json"));
    expect(JSON.parse(fresh.stdout)).toMatchObject({ run: workspace.path("a-3"), step: 1 });
    expect(contents(workspace.path("a"))).toEqual(before);
  });

  it("refuses a folder that holds something else", async () => {
    mkdirSync(workspace.path("holiday"));
    writeFileSync(workspace.path("holiday", "notes.txt"), "mine");
    const { code, stderr } = await workspace.run(...train("holiday", "--steps", "1"));
    expect(code).toBe(2);
    expect(stderr).toMatch(/not a run folder/);
    expect(readdirSync(workspace.path("holiday"))).toEqual(["notes.txt"]);
  });
});

describe("Ctrl-C", () => {
  it("saves and exits with 130, meanwhile keeping others out; then the same command continues", async () => {
    const call = workspace.start(...train("b", "--steps", "100000"));
    await call.saw(/step \d+\/100,000/);
    const other = await workspace.run(...train("b", "--steps", "100000"));
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/in use by process \d+/);

    call.child.kill("SIGINT");
    const { code, stdout } = await call.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/saving… Press Ctrl-C again/);
    const step = Number(/Stopped after ([\d,]+) of/.exec(stdout)?.[1]?.replaceAll(",", ""));
    expect(checkpoints("b")).toEqual([String(step).padStart(7, "0")]);

    const next = await workspace.run(...train("b", "--steps", String(step + 1)));
    expect(next.stdout).toContain(`Continuing at step ${step.toLocaleString("en")} of`);
    expect(next.code).toBe(0);
  });
});

describe.runIf(process.platform !== "win32")("a disk that takes no more", () => {
  it("stops with code 2 and leaves what was saved; with room the run goes on", async () => {
    await workspace.run(...train("g", "--steps", "2"));
    const before = contents(workspace.path("g", "checkpoints"));
    const { code, stderr } = await workspace.runWithFileLimit(20, ...train("g", "--steps", "4"));
    expect(stderr).toMatch(/could not be written: the file would be larger than is allowed here \(EFBIG\)/);
    expect(code).toBe(2);
    expect(contents(workspace.path("g", "checkpoints"))).toEqual(before);
    const { stdout } = await workspace.run(...train("g", "--steps", "4", "--json"));
    expect(JSON.parse(stdout)).toMatchObject({ reason: "finished", step: 4 });
  });
});
