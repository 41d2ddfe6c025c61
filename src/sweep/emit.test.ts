import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Document, parseAllDocuments } from "yaml";
import { shellWord } from "../base/text/shell.ts";
import { EMITTERS } from "./emit.ts";

const options = {
  name: "grid",
  points: 6,
  jobs: 4,
  cores: 2,
};
const slurm = { ...options, command: ["quarterturn", "sweep", "/my data/grid.yaml", "--only"] };
const kubernetes = {
  ...options,
  sweep: "preset: default\nseeds: [1, 2]\n",
  folder: "/runs/my grid",
  image: "registry/quarterturn:1",
};

it("a Slurm script is an array over all points that a shell can read, and requeues its own element", () => {
  const script = EMITTERS.slurm(slurm);
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

/** The two documents of a Job, as another reader of YAML would see them. */
function read(text: string) {
  const documents = parseAllDocuments(text);
  expect(documents.flatMap((document) => (document as Document).errors)).toEqual([]);
  expect(documents).toHaveLength(2);
  const [config, job] = documents.map((document) => (document as Document).toJS() as unknown);
  return {
    config: config as { kind: string; metadata: { name: string }; data: Record<string, string> },
    job: job as {
      kind: string;
      spec: {
        completions: number;
        parallelism: number;
        podFailurePolicy: { rules: { action: string; onExitCodes: { values: number[] } }[] };
        template: {
          spec: {
            containers: {
              command: string[];
              image: string;
              volumeMounts: { name: string; mountPath: string }[];
            }[];
            volumes: {
              name: string;
              configMap?: { name: string };
              persistentVolumeClaim?: { claimName: string };
            }[];
          };
        };
      };
    },
  };
}

it("a Kubernetes Job has an index a point, ends a user's mistake at once and does not count interruptions", () => {
  const { job } = read(EMITTERS.kubernetes(kubernetes));
  expect(job.spec.completions).toBe(6);
  expect(job.spec.parallelism).toBe(4);
  expect(
    job.spec.podFailurePolicy.rules.map(({ action, onExitCodes }) => [action, onExitCodes.values]),
  ).toEqual([
    ["Ignore", [130]],
    ["FailIndex", [2]],
  ]);
  expect(job.spec.template.spec.containers[0]!.image).toBe("registry/quarterturn:1");
});

it("a Kubernetes Job names only what its pods mount: the sweep file from the ConfigMap, and folders of the volume", () => {
  const { config, job } = read(EMITTERS.kubernetes(kubernetes));
  expect([config.kind, job.kind]).toEqual(["ConfigMap", "Job"]);
  const { containers, volumes } = job.spec.template.spec;
  const [container] = containers;
  const mountOf = (volume: string) => container!.volumeMounts.find(({ name }) => name === volume)!.mountPath;
  const mounted = volumes.find(({ configMap }) => configMap?.name === config.metadata.name)!;
  const claimed = volumes.find(({ persistentVolumeClaim }) => persistentVolumeClaim)!;
  const [file] = Object.keys(config.data);
  expect(config.data[file!]).toBe(kubernetes.sweep);
  expect(mountOf(claimed.name)).toBe("/runs");
  expect(container!.command).toEqual([
    "/bin/sh",
    "-c",
    `exec quarterturn sweep ${mountOf(mounted.name)}/${file} --out '/runs/my grid' --only "$JOB_COMPLETION_INDEX"`,
  ]);
});

it("the ConfigMap has the sweep file to the byte, whatever is in it", () => {
  const awkward = [
    "a: 1",
    "a: 1\r\nb: 2\r\n",
    "\ufeffa: 1\n",
    "  # first\na: 1\t\n\n\n",
    "---\na: é😀\n...\n",
  ];
  const long = `a: ${"long line ".repeat(40)}\n`;
  for (const sweep of [...awkward, long])
    expect(Object.values(read(EMITTERS.kubernetes({ ...kubernetes, sweep })).config.data)).toEqual([sweep]);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (sweep) => {
      const [document] = parseAllDocuments(EMITTERS.kubernetes({ ...kubernetes, sweep }));
      const { data } = (document as Document).toJS() as { data: object };
      expect(Object.values(data)).toEqual([sweep]);
    }),
  );
});

it("comments in the Job say what to edit, beside it", () => {
  const text = EMITTERS.kubernetes(kubernetes);
  expect(text).toMatch(/# EDIT: an image .*\n +image: registry/);
  expect(text).toMatch(/# EDIT: cores .*\n +resources:/);
  expect(text).toMatch(
    /# EDIT: replace quarterturn-runs by your claim.*\n +persistentVolumeClaim:\n +claimName: quarterturn-runs/,
  );
});

it("words reach the shell as they are", () => {
  for (const word of ["plain", "with space", "it's", "$HOME", "a;b", ""])
    expect(spawnSync("sh", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" }).stdout).toBe(word);
});
