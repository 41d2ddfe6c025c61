/**
 * `train --rescue`: a run that collapses goes back and on with another game; cut off anywhere in
 * between, it ends in the same bits.
 */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rescueRun } from "../../src/training/loop/health/rescue.node.ts";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());

const OFTEN = ["training.sampleEvery=2", "training.checkpointEvery=2", "training.keepCheckpoints=9"];
const tiny = TINY.filter((word, i) => !/sampleEvery/.test(`${TINY[i + 1]}${word}`));
const train = (run: string, ...more: string[]) => [
  ...["train", "pictures", ...tiny, ...OFTEN.flatMap((set) => ["--set", set])],
  ...["--run", run, "--no-studio", "--no-tfevents", ...more],
];
const lines = (run: string): Record<string, unknown>[] =>
  readFileSync(workspace.path(run, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const json = (run: string, name: string) => JSON.parse(readFileSync(workspace.path(run, name), "utf8"));
const checkpoints = (run: string): string[] => readdirSync(workspace.path(run, "checkpoints")).sort();
const weights = (run: string): string =>
  readFileSync(join(workspace.path(run), "checkpoints/0000006/weights.safetensors"), "hex");

beforeAll(() => makePictures(workspace.path("pictures"), 64));

it("a generator that is driven to one image is rescued, which is said and on record", async () => {
  // At such a rate the first updates make every sample the same image.
  const still = train("still", "--steps", "6", "--rescue", "--set", "optimizer.learningRate=1");
  const { code, stdout } = await workspace.run(...still);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /Rescued from the collapse: the run begins again with objective\.loss from hinge to wasserstein/,
  );
  expect(json("still", "config.json")).toMatchObject({
    objective: { loss: "wasserstein", penalty: "wgan-gp", lambda: 10 },
    discriminator: { spectralNorm: false },
    training: { rescue: 2 },
  });
  const [first] = json("still", "changes.json").changes;
  expect(first).toMatchObject({
    id: 1,
    step: 0,
    values: {},
    rescue: { seen: 4, from: { "objective.loss": "hinge" } },
  });
  expect(lines("still").filter(({ kind }) => kind === "change")[0]).toMatchObject(first);
  expect(lines("still").filter(({ kind }) => kind === "step")).toHaveLength(6);
  expect(stdout).toMatch(/rescued objective\.loss from hinge to wasserstein/);
  expect(json("still", "changes.json").changes).toHaveLength(1);

  // The same command finds that all is done; other commands work with the networks there are.
  expect((await workspace.run(...still)).stdout).toMatch(/already has its 6 steps/);
  expect((await workspace.run("report", "still", "--no-walk")).code).toBe(0);
  expect(readFileSync(workspace.path("still", "report.html"), "utf8")).toMatch(
    /<code>--rescue<\/code> began again/,
  );
});

it("goes back to before the collapse, and ends in the same bits wherever it was cut off", async () => {
  expect((await workspace.run(...train("run", "--steps", "4"))).code).toBe(0);
  expect(checkpoints("run")).toEqual(["0000002", "0000004"]);
  // The grid of step 4 was collapsed, says the record; that of step 6 will be, as nothing is learned from here on.
  const record = lines("run").map((line) =>
    line.kind === "sample" ? { ...line, diversity: line.step === 2 ? 1 : 0.01, variety: undefined } : line,
  );
  const write = (run: string) =>
    writeFileSync(
      workspace.path(run, "metrics.jsonl"),
      record.map((line) => `${JSON.stringify(line)}\n`).join(""),
    );
  write("run");
  for (const copy of ["cut", "whole"])
    cpSync(workspace.path("run"), workspace.path(copy), { recursive: true });

  expect((await rescueRun(workspace.path("whole"), 4)).step).toBe(2);
  expect(checkpoints("whole")).toEqual(["0000002"]);
  expect(json("whole", "config.json").objective.loss).toBe("wasserstein");

  // Killed when the change was kept, before anything followed from it.
  cpSync(workspace.path("whole", "changes.json"), workspace.path("cut", "changes.json"));
  expect(json("cut", "config.json").objective.loss).toBe("hinge");
  for (const run of ["whole", "cut"]) {
    const { code, stdout } = await workspace.run(...train(run, "--steps", "6", "--rescue"));
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/Continuing at step 2 of 6/) });
  }
  expect(weights("cut")).toBe(weights("whole"));
  expect(existsSync(workspace.path("cut", "checkpoints/0000004"))).toBe(true);
  expect((await workspace.run("orient", "pictures", "--run", "cut", "--threads", "1")).code).toBe(0);
});
