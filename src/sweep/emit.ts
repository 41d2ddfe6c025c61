/**
 * A sweep for machines that have a scheduler of their own: a Slurm job array or a Kubernetes indexed Job. Both call the same command for a
 * number from 0 up, `quarterturn sweep FILE --only N`, which begins, goes on, or is done at once; so whatever the scheduler does to a
 * task (starts it twice, moves it, kills it), calling it again is right.
 */
import { stringify } from "yaml";
import { shellWord } from "../base/shell.ts";

/** What a scheduler is told. */
export interface EmitOptions {
  /** Name of the job: letters, digits and dashes. */
  readonly name: string;
  /** Number of points. */
  readonly points: number;
  /** Words of the command up to where the number goes. */
  readonly command: readonly string[];
  /** Points at once. */
  readonly jobs: number;
  /** Cores of a point. */
  readonly cores: number;
  /** Image of the container, for Kubernetes. */
  readonly image: string;
}

/** Schedulers by the name given to `--emit`. */
export const EMITTERS = { slurm: slurmScript, kubernetes: kubernetesJob } as const;
export type EmitterName = keyof typeof EMITTERS;

/**
 * A script for `sbatch`. SIGTERM comes two minutes before the time is up; the run then saves, and the array *element* is put back into
 * the queue (the whole array would begin every other point again).
 */
function slurmScript({ name, points, command, jobs, cores }: EmitOptions): string {
  const words = command.map(shellWord).join(" ");
  return `#!/usr/bin/env bash
#SBATCH --job-name=${name}
#SBATCH --array=0-${points - 1}%${jobs}
#SBATCH --cpus-per-task=${cores}
#SBATCH --requeue
#SBATCH --signal=B:TERM@120
set -u
${words} "$SLURM_ARRAY_TASK_ID" &
child=$!
trap 'kill -TERM "$child"' TERM
wait "$child"
code=$?
# The trap ends the first wait; the second one waits for the run to save.
if kill -0 "$child" 2>/dev/null; then wait "$child"; code=$?; fi
if [ "$code" -eq 130 ]; then
  scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"
  exit 0
fi
exit "$code"
`;
}

/**
 * An indexed Job: one index a point, each with retries of its own. A mistake of the user's (exit code 2) fails the index at once, and an
 * interruption (130: the pod was drained, the run has saved) does not count as a failure.
 */
function kubernetesJob({ name, points, command, jobs, cores, image }: EmitOptions): string {
  const container = {
    name: "point",
    image,
    command: ["/bin/sh", "-c", `exec ${command.map(shellWord).join(" ")} "$JOB_COMPLETION_INDEX"`],
    resources: { requests: { cpu: String(cores) } },
    volumeMounts: [{ name: "runs", mountPath: "/runs" }],
  };
  return stringify({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name },
    spec: {
      completionMode: "Indexed",
      completions: points,
      parallelism: Math.min(jobs, points),
      backoffLimitPerIndex: 3,
      maxFailedIndexes: points,
      podFailurePolicy: {
        rules: [
          { action: "Ignore", onExitCodes: { containerName: "point", operator: "In", values: [130] } },
          { action: "FailIndex", onExitCodes: { containerName: "point", operator: "In", values: [2] } },
        ],
      },
      template: {
        spec: {
          restartPolicy: "Never",
          terminationGracePeriodSeconds: 120,
          containers: [container],
          // To be replaced by a volume that all nodes share: run folders are where points go on.
          volumes: [{ name: "runs", persistentVolumeClaim: { claimName: "quarterturn-runs" } }],
        },
      },
    },
  });
}
