/**
 * A sweep for machines that have a scheduler of their own: a Slurm job array or a Kubernetes
 * indexed Job. Both call the same command for a number from 0 up, `quarterturn sweep FILE --only
 * N`, which begins, goes on, or is done at once; so whatever the scheduler does to a task (starts
 * it twice, moves it, kills it), calling it again is right.
 */

import { NO_TELEMETRY } from "../base/processes/telemetry.ts";
import { shellWord } from "../base/text/shell.ts";
import { kubernetesJob } from "./emit-kubernetes.ts";

/** What Slurm is told. */
export interface SlurmOptions {
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
}

/** Schedulers by the name given to `--emit`. */
export const EMITTERS = { slurm: slurmScript, kubernetes: kubernetesJob } as const;
export type EmitterName = keyof typeof EMITTERS;

/**
 * A script for `sbatch`. SIGTERM comes two minutes before the time is up; the run then saves, and
 * the array *element* is put back into the queue (the whole array would begin every other point
 * again).
 */
function slurmScript({ name, points, command, jobs, cores }: SlurmOptions): string {
  const words = command.map(shellWord).join(" ");
  return `#!/usr/bin/env bash
#SBATCH --job-name=${name}
#SBATCH --array=0-${points - 1}%${jobs}
#SBATCH --cpus-per-task=${cores}
#SBATCH --requeue
#SBATCH --signal=B:TERM@120
set -u
export ${NO_TELEMETRY.name}=${NO_TELEMETRY.value}
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
