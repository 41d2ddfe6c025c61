/**
 * `train --time`: a run planned by measuring, gone on with by the same command, and what is
 * refused.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
beforeAll(() => makePictures(workspace.path("pictures"), 72));
afterAll(() => workspace.remove());

const small = TINY.filter((word) => word !== "--set").filter(
  (set) => !/sampleEvery|engine|resolution/.test(set),
);
const sets = [...small, "training.sampleEvery=100000"].flatMap((set) => ["--set", set]);
const command = (...more: string[]): string[] => [
  "train",
  "pictures",
  ...sets,
  "--resolution",
  "16",
  "--threads",
  "1",
  "--no-studio",
  ...more,
];
const config = (run: string): { training: Record<string, number | string> } =>
  JSON.parse(readFileSync(workspace.path(run, "config.json"), "utf8")) as {
    training: Record<string, number | string>;
  };

describe("a time", () => {
  it("becomes steps, with reasons in a dry run", async () => {
    const { code, stdout } = await workspace.run(...command("--time", "1h", "--dry-run", "--json"));
    expect(code).toBe(0);
    const { values } = JSON.parse(stdout) as {
      values: { path: string; value: unknown; reason: string }[];
    };
    const row = (path: string) => values.find((value) => value.path === path);
    expect(row("training.steps")?.reason).toMatch(/^--time 1h at \d+\.\d\d s a step, measured$/);
    expect(Number(row("training.steps")?.value)).toBeGreaterThan(1000);
    expect(row("training.augment")).toMatchObject({ value: "colour,translation,cutout" });
    expect(row("training.sampleEvery")?.value).toBe(100_000);
    expect(row("data.resolution")).toMatchObject({ value: 16, reason: "given by --resolution" });
  });

  it("is planned once: the same command goes on with the same steps", async () => {
    const call = workspace.start(...command("--time", "1h", "--run", "run"));
    await call.saw(/step +\d|step \d/);
    call.child.kill("SIGINT");
    expect((await call.ended).code).toBe(130);
    const first = config("run");

    const again = workspace.start(...command("--time", "1h", "--run", "run"));
    await again.saw(/step +\d|step \d/);
    again.child.kill("SIGINT");
    const { code, stderr } = await again.ended;
    expect(stderr).not.toMatch(/^error/m);
    expect(code).toBe(130);
    expect(config("run")).toEqual(first);
  });

  it.each([
    [["--time", "1s"], /too short.*step takes/],
    [["--time", "soon"], /expected a duration, with a unit/],
    [["--time", "10m", "--steps", "5"], /two ways to say how long/],
    [["--width", "auto"], /auto needs --time/],
  ])("%j is refused in words", async (more, message) => {
    const { code, stderr } = await workspace.run(...command(...more, "--run", "refused"));
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
  });

  it("sides and widths that there are not are refused by their flag's name", async () => {
    const { code, stderr } = await workspace.run("train", "pictures", "--resolution", "50");
    expect(stderr).toMatch(/data\.resolution: expected .* got "50" \(--resolution\)/);
    expect(code).toBe(2);
  });
});
