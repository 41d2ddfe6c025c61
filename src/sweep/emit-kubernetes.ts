/**
 * A sweep as a Kubernetes indexed Job
 * (https://kubernetes.io/docs/concepts/workloads/controllers/job/). A pod sees nothing of the
 * machine that wrote it: the sweep file goes along in a ConfigMap, and runs and data are on a
 * volume that all pods mount.
 */
import { Document, isMap, isScalar } from "yaml";
import { NO_TELEMETRY } from "../base/processes/telemetry.ts";
import { shellWord } from "../base/text/shell.ts";

/** What the Job is made from. */
export interface KubernetesOptions {
  /** Name of the Job: letters, digits and dashes. */
  readonly name: string;
  /** Number of points. */
  readonly points: number;
  /** The sweep file's text. */
  readonly sweep: string;
  /** Folder of the runs as the pods see it, on the volume. */
  readonly folder: string;
  /** Points at once. */
  readonly jobs: number;
  /** Cores of a point. */
  readonly cores: number;
  /** Image of the container. */
  readonly image: string;
}

/** Where pods see the volume. */
export const POD_VOLUME = "/runs";
const POD_SWEEP = "/etc/quarterturn";
const CLAIM = "quarterturn-runs";

const HEAD = ` Written by quarterturn sweep --emit kubernetes. What to look at before "kubectl apply -f" is marked EDIT.
 Applied again after a change, the Job must be deleted before; the runs are on the volume and go on.`;

/** The ConfigMap and the Job, as two YAML documents with comments that say what to edit. */
export function kubernetesJob(options: KubernetesOptions): string {
  const config = new Document(configMap(options));
  config.commentBefore = HEAD;
  const job = new Document(indexedJob(options));
  const container = ["spec", "template", "spec", "containers", 0] as const;
  comment(job, [...container, "image"], " EDIT: an image that has quarterturn on its PATH.");
  comment(
    job,
    [...container, "env"],
    " Prepared images, fetched data sets and feature networks, on the volume too; and ONNX Runtime sends no telemetry.",
  );
  comment(
    job,
    [...container, "resources"],
    " EDIT: cores of one run (those of the machine this was written on); add memory, GPUs.",
  );
  comment(
    job,
    ["spec", "template", "spec", "volumes", 1, "persistentVolumeClaim"],
    ` EDIT: replace ${CLAIM} by your claim. Its volume must be one that all nodes can write to (ReadWriteMany).`,
  );
  const format = { lineWidth: 0 };
  return `${config.toString(format)}---\n${job.toString(format)}`;
}

const fileName = (name: string): string => `${name}.yaml`;
const configName = (name: string): string => `${name}-sweep`;

const configMap = ({ name, sweep }: KubernetesOptions) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: configName(name) },
  data: { [fileName(name)]: sweep },
});

/**
 * One index a point, each with retries of its own. A mistake of the user's (exit code 2) fails the
 * index at once, and an interruption (130: the pod was drained, the run has saved) does not count
 * as a failure.
 */
function indexedJob({ name, points, folder, jobs, cores, image }: KubernetesOptions) {
  const command = ["quarterturn", "sweep", `${POD_SWEEP}/${fileName(name)}`, "--out", folder, "--only"];
  return {
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
          containers: [
            {
              name: "point",
              image,
              command: ["/bin/sh", "-c", `exec ${command.map(shellWord).join(" ")} "$JOB_COMPLETION_INDEX"`],
              env: [{ name: "QUARTERTURN_CACHE", value: `${POD_VOLUME}/.cache` }, { ...NO_TELEMETRY }],
              resources: { requests: { cpu: String(cores) } },
              volumeMounts: [
                { name: "sweep", mountPath: POD_SWEEP, readOnly: true },
                { name: "runs", mountPath: POD_VOLUME },
              ],
            },
          ],
          volumes: [
            { name: "sweep", configMap: { name: configName(name) } },
            { name: "runs", persistentVolumeClaim: { claimName: CLAIM } },
          ],
        },
      },
    },
  };
}

/** Put a comment above a key. */
function comment(document: Document, path: readonly (string | number)[], text: string): void {
  const parent = document.getIn(path.slice(0, -1));
  const key =
    isMap(parent) && parent.items.find((pair) => isScalar(pair.key) && pair.key.value === path.at(-1))?.key;
  if (!isScalar(key)) throw new Error(`no ${path.join(".")} to comment on`);
  key.commentBefore = text;
}
