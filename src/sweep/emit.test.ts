import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { shellWord } from "../base/shell.ts";
import { EMITTERS } from "./emit.ts";

const options = {
  name: "grid",
  points: 6,
  command: ["quarterturn", "sweep", "/my data/grid.yaml", "--only"],
  jobs: 4,
  cores: 2,
  image: "registry/quarterturn:1",
};

it("a Slurm script is an array over all points that a shell can read, and requeues its own element", () => {
  const script = EMITTERS.slurm(options);
  expect(script).toContain("#SBATCH --array=0-5%4");
  expect(script).toContain("quarterturn sweep '/my data/grid.yaml' --only \"$SLURM_ARRAY_TASK_ID\"");
  expect(script).toMatch(/scontrol requeue "\$\{SLURM_ARRAY_JOB_ID\}_\$\{SLURM_ARRAY_TASK_ID\}"/);
  expect(spawnSync("bash", ["-n"], { input: script }).status).toBe(0);
});

it.each([
  [0, 0, false],
  [130, 0, true],
  [2, 2, false],
])("under Slurm, exit code %d of the run becomes %d and requeues: %s", (code, outer, requeued) => {
  const script = EMITTERS.slurm({ ...options, command: ["bash", "-c", `exit ${code}`] });
  const stub = 'scontrol() { echo requeued "$@"; }\nSLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_JOB_ID=7\n';
  const run = spawnSync("bash", ["-c", script.replace("set -u\n", `set -u\n${stub}`)], { encoding: "utf8" });
  expect(run.status).toBe(outer);
  expect(run.stdout.includes("requeued requeue 7_3")).toBe(requeued);
});

it("a Kubernetes Job has an index a point, ends a user's mistake at once and does not count interruptions", () => {
  const job = parse(EMITTERS.kubernetes(options)) as {
    spec: {
      completions: number;
      parallelism: number;
      podFailurePolicy: { rules: { action: string; onExitCodes: { values: number[] } }[] };
      template: { spec: { containers: { command: string[]; image: string }[] } };
    };
  };
  expect(job.spec.completions).toBe(6);
  expect(job.spec.parallelism).toBe(4);
  expect(
    job.spec.podFailurePolicy.rules.map(({ action, onExitCodes }) => [action, onExitCodes.values]),
  ).toEqual([
    ["Ignore", [130]],
    ["FailIndex", [2]],
  ]);
  const [container] = job.spec.template.spec.containers;
  expect(container!.image).toBe("registry/quarterturn:1");
  expect(container!.command.at(-1)).toBe(
    "exec quarterturn sweep '/my data/grid.yaml' --only \"$JOB_COMPLETION_INDEX\"",
  );
});

it("words reach the shell as they are", () => {
  for (const word of ["plain", "with space", "it's", "$HOME", "a;b", ""])
    expect(spawnSync("sh", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" }).stdout).toBe(word);
});
