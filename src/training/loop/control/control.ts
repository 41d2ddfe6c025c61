/**
 * Steering a training under way: pause, go on, one step, save, and other learning rates or weights
 * of losses. Commands are obeyed between two steps. A change is kept for good before it comes into
 * force, together with the step it was made at, so that a run continued from an earlier checkpoint
 * makes it again at the same step and ends in the same bits.
 */
import { z } from "zod";
import { UserError } from "../../../base/errors.ts";
import { checkedJson } from "../../../base/schema.ts";
import type { Steps } from "../../../objectives/steps.ts";
import type { RecordLine } from "../../events.ts";
import type { LoopConfig } from "../../settings.ts";
import { ADJUSTABLE, type AdjustableValues, type Change, type Rescue } from "./adjustable.ts";

const rescueValues = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]));

/** A rescue in `changes.json` and in the record. */
export const rescueSchema: z.ZodType<Rescue> = z.object({
  seen: z.int().min(0),
  from: rescueValues,
  to: rescueValues,
});

const changesSchema = z.strictObject({
  changes: z.array(
    z.strictObject({
      id: z.int().min(1),
      step: z.int().min(0),
      values: z.partialRecord(z.enum(ADJUSTABLE), z.number()),
      rescue: z.exactOptional(rescueSchema),
    }),
  ),
});

/**
 * What `changes.json` says: what was changed while the run went on, in the order of the steps.
 * @param where its name, for messages @param hint what to do when it is damaged @throws UserError
 * when it is
 */
export function parseChanges(text: string, where: string, hint: string): readonly Change[] {
  return checkedJson(changesSchema, text, { where, hint }).changes as readonly Change[];
}

/** What `control/state.json` must say. */
export const controlStateSchema: z.ZodType<ControlState> = z.looseObject({
  paused: z.boolean(),
  step: z.int().min(0),
  values: z.partialRecord(z.enum(ADJUSTABLE), z.number()),
  answers: z.array(z.looseObject({ id: z.string(), ok: z.boolean(), message: z.string() })),
}) as z.ZodType<ControlState>;

/** Ids of the changes that are in a record. */
export const recordedChanges = (record: readonly RecordLine[]): ReadonlySet<number> =>
  new Set(record.flatMap((line) => (line.kind === "change" ? [line.id] : [])));

/** What somebody may ask of a training under way. */
export type Command =
  | { readonly kind: "pause" | "resume" | "step" | "save" | "show" }
  | { readonly kind: "change"; readonly values: AdjustableValues };

/** A command as it arrived. */
export interface PendingCommand {
  /** Names the command in its answer. */
  readonly id: string;
  /** Not yet looked at: it may come from anywhere. */
  readonly command: unknown;
}

/** What became of a command. */
export interface Answer {
  readonly id: string;
  readonly ok: boolean;
  readonly message: string;
}

/** What the training says of itself to those who steer it. */
export interface ControlState {
  readonly paused: boolean;
  readonly step: number;
  /** Values in force that are not those of config.json. */
  readonly values: AdjustableValues;
  /** The latest answers, oldest first. */
  readonly answers: readonly Answer[];
}

/** The way commands reach a loop. */
export interface Control {
  /** All changes made in the run so far, also those after the step it goes on from. */
  readonly changes: readonly Change[];
  /** Changes that are in the record already, by id. */
  readonly recorded: ReadonlySet<number>;
  /** What has arrived since the last call. Called at every step: it must be cheap. */
  take(): readonly PendingCommand[];
  /** Wait a moment for more, or until `signal` aborts. */
  wait(signal: AbortSignal | undefined): Promise<void>;
  /** Keep all changes; when this returns they survive anything. */
  persist(changes: readonly Change[]): Promise<void>;
  /** Say how things stand. */
  publish(state: ControlState): Promise<void>;
}

/** `config` with other values. */
export function withValues<C extends LoopConfig>(config: C, values: AdjustableValues): C {
  const changed = (section: "optimizer" | "objective") =>
    Object.fromEntries(
      Object.entries(values).flatMap(([path, value]) => {
        const [first, key = ""] = path.split(".");
        return first === section ? [[key, value]] : [];
      }),
    );
  return {
    ...config,
    optimizer: { ...config.optimizer, ...changed("optimizer") },
    objective: { ...config.objective, ...changed("objective") },
  };
}

/** All changes one after another: the values in force after the last. */
export const mergeChanges = (changes: readonly Change[]): AdjustableValues =>
  Object.assign({}, ...changes.map(({ values }) => values)) as AdjustableValues;

const KINDS = ["pause", "resume", "step", "save", "show", "change"];

/**
 * See whether something is a command that this run can obey.
 * @throws UserError saying what is wrong with it
 */
export function parseCommand(value: unknown, config: LoopConfig, steps: Steps): Command {
  const { kind, values } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  if (typeof kind !== "string" || !KINDS.includes(kind))
    throw new UserError(`Unknown command ${JSON.stringify(kind ?? value)}.`, `Known: ${KINDS.join(", ")}.`);
  if (kind !== "change") return { kind: kind as "pause" };
  if (typeof values !== "object" || values === null || Object.keys(values).length === 0)
    throw new UserError("A change needs values.", `They may be: ${ADJUSTABLE.join(", ")}.`);
  for (const [path, number] of Object.entries(values)) checkValue(path, number, config, steps);
  return { kind, values: values as AdjustableValues };
}

/** @throws UserError when the value cannot be changed to that while this run goes on */
function checkValue(path: string, value: unknown, { objective }: LoopConfig, steps: Steps): void {
  if (!(ADJUSTABLE as readonly string[]).includes(path))
    throw new UserError(`${path} cannot change while a run goes on.`, `Only ${ADJUSTABLE.join(", ")} can.`);
  const [section, key] = path.split(".") as [string, "alpha" | "beta" | "lambda"];
  const [low, high] = section === "optimizer" ? [0, 1] : [-1, Number.MAX_VALUE];
  const allowed = section === "optimizer" ? "above 0 and at most 1" : "0 or more";
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0 || value <= low || value > high)
    throw new UserError(`${path}: expected a number ${allowed}, got ${JSON.stringify(value)}.`);
  if (section === "optimizer") return;
  const { feeds } = key === "alpha" ? steps.generatorStep : steps.discriminatorStep;
  if (!feeds.some(({ name }) => name === key))
    throw new UserError(
      `${path} has no effect in this run.`,
      key === "lambda"
        ? "It has no penalty (objective.penalty)."
        : "It has no pretext task with a weight (objective.selfSupervision).",
    );
  const ends: Readonly<Record<string, number | null | undefined>> = {
    alpha: objective.alphaEnd,
    beta: objective.betaEnd,
    lambda: objective.lambdaEnd,
  };
  if ((ends[key] ?? null) !== null)
    throw new UserError(
      `${path} is on its way to objective.${key}End in this run.`,
      "It cannot be set meanwhile.",
    );
}
