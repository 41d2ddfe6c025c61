/** The pretext tasks by the names users give them. A new one is a file and a line here. */
import { type PretextDescription, type PretextView, QUARTER_TURN_VIEWS } from "./description.ts";
import { jigsaw } from "./jigsaw.ts";
import { rotationLa, rotationLaPlus } from "./label-augmented.ts";
import { rotationMs } from "./multi-class.ts";
import type { PretextTask } from "./pretext-task.ts";
import { rotation, rotationOnly } from "./rotation.ts";
import { rotationDa, rotationDaMd } from "./turned-adversarial.ts";

/** Pretext tasks by name; `none` is a plain GAN. */
export const PRETEXT_TASKS = {
  rotation,
  "rotation-only": rotationOnly,
  "rotation-ms": rotationMs,
  "rotation-la": rotationLa,
  "rotation-la-plus": rotationLaPlus,
  "rotation-da": rotationDa,
  "rotation-da-md": rotationDaMd,
  jigsaw,
  none: undefined,
} as const satisfies Record<string, PretextTask | undefined>;

/** The values of `objective.selfSupervision`. */
export type SelfSupervision = keyof typeof PRETEXT_TASKS;
/** Every name, for schemas and messages. */
export const SELF_SUPERVISIONS = Object.keys(PRETEXT_TASKS) as SelfSupervision[];

/** The tasks in a list, for help: `rotation: SS-GAN. … none: a plain GAN.` */
export const TASKS_IN_WORDS: string = Object.entries<PretextTask | undefined>(PRETEXT_TASKS)
  .map(([name, task]) => `${name}: ${task?.description.summary ?? "a plain GAN"}.`)
  .join(" ");

/** The values whose task tells quarter turns, so that it can turn images upright. */
export const QUARTER_TURN_TASKS: readonly SelfSupervision[] = SELF_SUPERVISIONS.filter(
  (name) => PRETEXT_TASKS[name]?.description.tellsQuarterTurns,
);

/** A task that leaves the adversarial loss as it is, for advice. */
export const USUAL_TASK: SelfSupervision = "rotation";

/** The task of an objective; undefined for a plain GAN. */
export const taskOf = ({
  selfSupervision,
}: {
  readonly selfSupervision: SelfSupervision;
}): PretextTask | undefined => PRETEXT_TASKS[selfSupervision];

/**
 * What people are shown of a discriminator: the views of its task; of one without a task, the four
 * quarter turns.
 */
export const viewsOf = (task: PretextDescription | undefined): readonly PretextView[] =>
  task?.views ?? QUARTER_TURN_VIEWS;
