/**
 * The family of self-supervised GANs side by side: the same networks, batches, steps, seeds and
 * measurements, and what each adds to them. The networks are those of mimicry's model zoo, the only
 * published table that has several of them under one protocol.
 */
import type { PretextTask } from "../../../objectives/pretext/pretext-task.ts";
import { type SelfSupervision, taskOf } from "../../../objectives/pretext/registry.ts";
import type { RunExperiment } from "../experiment.ts";
import { type ModelSpec, type Request, splitSet } from "../plan.ts";
import type { Published } from "../published.ts";
import {
  fidCurve,
  lastFid,
  lastKid,
  lastProbe,
  meanCurve,
  overSeeds,
  peakMemory,
  stepsASecond,
  taskAccuracy,
} from "../record.ts";
import type { Cell } from "../report.ts";
import { FID_NOTE } from "./table1.ts";

/** One method. */
interface Method {
  /** Configuration besides that of the plain GAN. */
  readonly set: Readonly<Record<string, number | string>>;
  /** Its pretext task, which is shown whole batches in one transformation each. */
  readonly task?: PretextTask | undefined;
  readonly fid?: number;
  readonly kid?: number;
}

const task = (
  selfSupervision: SelfSupervision,
  more: Readonly<Record<string, number | string>> = {},
): Pick<Method, "set" | "task"> => ({
  set: { "objective.selfSupervision": selfSupervision, "objective.turns": "one", ...more },
  task: taskOf({ selfSupervision }),
});

const METHODS = {
  "plain GAN": { set: {}, fid: 16.77, kid: 0.0125 },
  "SS-GAN": { ...task("rotation"), fid: 14.65, kid: 0.0101 },
  "SSGAN-MS": task("rotation-ms"),
  "SSGAN-LA": task("rotation-la"),
  "SSGAN-LA+": task("rotation-la-plus", { "objective.alpha": 1 }),
  "InfoMax-GAN": { set: { "objective.auxiliary": "infomax:0.2" }, fid: 15.12, kid: 0.0112 },
  jigsaw: task("jigsaw", { "objective.alpha": 0.5 }),
  CR: { set: { "objective.auxiliary": "cr:10" } },
  R3: {
    set: {
      "objective.loss": "relativistic",
      "objective.penalty": "r1-r2",
      "objective.lambda": 0.05,
      "discriminator.spectralNorm": "false",
    },
  },
} as const satisfies Readonly<Record<string, Method>>;

const zoo = (value: number): Published => ({
  value,
  what: "mimicry's model zoo, CIFAR-10, 100,000 steps, 50,000 real and 50,000 generated images",
  knowledge: "printed",
});

/** Images of a batch, so that a task is shown as many. */
function batchSize({ scale, sets }: Request): number {
  const given = sets.map(splitSet).findLast(([path]) => path === "training.batchSize")?.[1];
  return Number(given ?? scale.set["training.batchSize"] ?? 64);
}

const modelOf = (label: string, { set, task }: Method, request: Request): ModelSpec => ({
  label,
  preset: "mimicry/zoo/sngan-32",
  set: { ...set, ...(task && !("objective.rotatedBatch" in set) && rotated(task, request)) },
  seeds: "side",
});

/**
 * A task beside the real/fake head is shown the whole batch; one that replaces the head is so
 * anyway.
 */
const rotated = ({ adversarial }: PretextTask, request: Request): Record<string, number> =>
  adversarial.kind === "replaced" ? {} : { "objective.rotatedBatch": batchSize(request) };

const ROWS = Object.keys(METHODS) as (keyof typeof METHODS)[];

export const family: RunExperiment = {
  kind: "runs",
  title: "The family: self-supervised GANs with the same networks",
  models: (request) => ROWS.map((label) => modelOf(label, METHODS[label], request)),
  probed: false,
  findings: (runs) => ({
    rows: "Method",
    cells: ROWS.flatMap((row): Cell[] => {
      const { fid, kid }: Method = METHODS[row];
      const cell = (
        column: string,
        measure: Cell["measure"],
        pick: Parameters<typeof overSeeds>[2],
        published?: number,
      ): Cell => ({
        ...{ row, column, measure, shown: "mean" },
        here: overSeeds(runs, row, pick),
        published: published === undefined ? undefined : zoo(published),
      });
      return [
        cell("FID", "fid", lastFid, fid),
        cell("KID", "kid", lastKid, kid),
        cell("linear probe", "accuracy", lastProbe),
        cell("task accuracy", "accuracy", taskAccuracy),
        cell("steps a second", "rate", stepsASecond),
        cell("memory, MB", "megabytes", peakMemory),
      ];
    }),
    charts: [
      {
        title: "Here",
        x: { label: "generator steps" },
        y: { label: "FID" },
        legend: "top",
        series: ROWS.map((name) => ({ name, points: meanCurve(runs, name, fidCurve) })),
      },
    ],
    notes: [
      FID_NOTE,
      "Each task is shown the whole batch, every image in one transformation; SSGAN-LA was published with every image in all four turns.",
      "Task accuracy is on real images, the mean of the last steps: guessing gives 0.25 for turns and 0.042 for the 24 orders of jigsaw.",
      "R3 is R3GAN's loss and penalties, γ 0.05, on these networks without spectral normalization; its own networks and schedule are others.",
      "Memory is the most that the process of the training held, measurements included.",
    ],
  }),
};
