/**
 * Sweeps through the real command line: children killed, the pool stopped, and in the end the bits
 * of an undisturbed sweep.
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makePictures, Workspace } from "./support.ts";
import { goOnToEnd, lastWeights, STEPS, SWEEP, type SweepResult, trainerOf } from "./sweep-support.ts";

const workspace = new Workspace();
beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 66);
  writeFileSync(workspace.path("grid.yaml"), SWEEP);
  expect(await workspace.run("sweep", "grid.yaml", "--out", "whole")).toMatchObject({ code: 0 });
});
afterAll(() => workspace.remove());

const weights = (out: string) => lastWeights(workspace, out);

it("a child killed in mid-run is tried again and goes on: the same bits as undisturbed", async () => {
  const call = workspace.start("sweep", "grid.yaml", "--out", "killed", "--json");
  process.kill(await trainerOf(workspace, "killed", 3), "SIGKILL");
  const { code, stdout, stderr } = await call.ended;
  expect(code).toBe(0);
  expect(stderr).toContain("crashed (ended by SIGKILL)");
  const { points, variations } = JSON.parse(stdout) as SweepResult;
  expect(points.map(({ state, step }) => [state, step])).toEqual([
    ["done", STEPS],
    ["done", STEPS],
  ]);
  expect(variations.map(({ label, runs }) => [label, runs])).toEqual([
    ["objective.selfSupervision=rotation", 1],
    ["objective.selfSupervision=none", 1],
  ]);
  expect(points[0]!.values["discriminator.rotationAccuracyReal"]).toBeGreaterThan(0);
  expect(points[1]!.values).not.toHaveProperty("discriminator.rotationAccuracyReal");
  expect(weights("killed")).toEqual(weights("whole"));
});

it("a pool that is stopped lets its child save; the same command goes on", async () => {
  const call = workspace.start("sweep", "grid.yaml", "--out", "stopped");
  const trainer = await trainerOf(workspace, "stopped", 3);
  call.child.kill("SIGTERM");
  await goOnToEnd(trainer);
  const first = await call.ended;
  expect(first.code).toBe(130);
  expect(first.stdout).toMatch(/: saved\n/);
  expect((await workspace.run("sweep", "grid.yaml", "--out", "stopped")).code).toBe(0);
  expect(weights("stopped")).toEqual(weights("whole"));
});

it("two pools on one folder do not disturb each other", async () => {
  const [a, b] = await Promise.all([
    workspace.run("sweep", "grid.yaml", "--out", "shared"),
    workspace.run("sweep", "grid.yaml", "--out", "shared"),
  ]);
  // The one that found a run taken, or lost the race for it, leaves it to the other and waits.
  for (const { code, stdout } of [a, b]) {
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout.match(/24\/24 +done/g)).toHaveLength(2);
  }
  expect(weights("shared")).toEqual(weights("whole"));
});

const WAITING =
  /another process is training it; left for last\n[\s\S]*Waiting for a run that other processes train: [0-9a-f]{10}\./;

it.each([
  ["ends", "SIGCONT"],
  ["dies", "SIGKILL"],
] as const)(
  "a sweep was killed and its child lives on: the same command waits until the child %s, and then has all runs",
  async (out, signal) => {
    const first = workspace.start("sweep", "grid.yaml", "--out", out);
    const orphan = await trainerOf(workspace, out, 3);
    let frozen = true;
    try {
      first.child.kill("SIGKILL");
      await first.ended;
      const interrupted = workspace.start("sweep", "grid.yaml", "--out", out);
      await interrupted.saw(WAITING);
      interrupted.child.kill("SIGINT");
      const early = await interrupted.ended;
      expect(early.code).toBe(130);
      expect(early.stdout).toMatch(/\/24 +elsewhere/);
      const call = workspace.start("sweep", "grid.yaml", "--out", out);
      await call.saw(WAITING);
      process.kill(orphan, signal);
      frozen = false;
      const { code, stdout } = await call.ended;
      expect({ code, stdout }).toMatchObject({ code: 0 });
      expect(stdout.match(/24\/24 +done/g)).toHaveLength(2);
    } finally {
      if (frozen) process.kill(orphan, "SIGKILL");
    }
    expect(weights(out)).toEqual(weights("whole"));
  },
);

it("a run that was killed while it exported what it had trained is finished by the same sweep", async () => {
  cpSync(workspace.path("whole"), workspace.path("unexported"), { recursive: true });
  const [id = ""] = readdirSync(workspace.path("unexported")).filter((name) => /^[0-9a-f]{10}$/.test(name));
  const run = workspace.path("unexported", id);
  const exported = readFileSync(join(run, "export", "generator.onnx"));
  rmSync(join(run, "export"), { recursive: true });
  const holder = { pid: 99_999_999, host: hostname(), processStart: null, since: "", id: "x" };
  writeFileSync(join(run, "lock.json"), JSON.stringify(holder));
  const { code } = await workspace.run("sweep", "grid.yaml", "--out", "unexported");
  expect(code).toBe(0);
  expect(existsSync(join(run, "lock.json"))).toBe(false);
  expect(readFileSync(join(run, "export", "generator.onnx")).length).toBe(exported.length);
});

it("a mistake in a point is said before anything is trained", async () => {
  writeFileSync(workspace.path("wrong.yaml"), `${SWEEP}  optimizer.beta1: [0, 2]\n`);
  const { code, stderr } = await workspace.run("sweep", "wrong.yaml", "--out", "wrong");
  expect(code).toBe(2);
  expect(stderr).toContain("optimizer.beta1");
  expect(existsSync(workspace.path("wrong"))).toBe(false);
  expect((await workspace.run("sweep", "missing.yaml")).stderr).toContain("missing.yaml is no file");
});

it("--plan shows the runs and trains nothing; --emit writes a job that calls single points", async () => {
  const plan = await workspace.run("sweep", "grid.yaml", "--out", "planned", "--plan");
  expect(plan.code).toBe(0);
  expect(plan.stdout).toMatch(/0\/24 +planned +objective\.selfSupervision=none/);
  const job = await workspace.run("sweep", "grid.yaml", "--out", "planned", "--emit", "slurm", "--jobs", "2");
  expect(job.stdout).toContain("#SBATCH --array=0-1%2");
  expect(existsSync(workspace.path("planned"))).toBe(false);
  const one = await workspace.run("sweep", "grid.yaml", "--out", "planned", "--only", "1", "--json");
  expect((JSON.parse(one.stdout) as SweepResult).points.map(({ state }) => state)).toEqual(["done"]);
  const id = (JSON.parse(one.stdout) as SweepResult).points[0]!.id;
  expect(weights("planned")).toEqual(
    Object.fromEntries(Object.entries(weights("whole")).filter(([name]) => name.startsWith(id))),
  );
});
