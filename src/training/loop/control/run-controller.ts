/**
 * What happens between two steps when somebody steers: earlier changes that are due again, new
 * commands, waiting while paused. The loop calls `handleCommands` before every step and takes the
 * configuration in force from here.
 */

import { UserError } from "../../../base/errors.ts";
import { asFlag } from "../../../base/option-flags.ts";
import type { Steps } from "../../../objectives/steps.ts";
import type { ChangeEvent } from "../../events.ts";
import type { LoopConfig } from "../../settings.ts";
import type { Change } from "./adjustable.ts";
import {
  type Answer,
  type Command,
  type Control,
  mergeChanges,
  type PendingCommand,
  parseCommand,
  withValues,
} from "./control.ts";

/** Answers that are kept for those who asked. */
const ANSWERS = 16;

/** What a controller works with. */
export interface RunControllerParts {
  readonly config: LoopConfig;
  readonly steps: Steps;
  readonly control: Control | undefined;
  /** Step the loop goes on from. */
  readonly fromStep: number;
  readonly signal: AbortSignal | undefined;
  /** Put a line into the record. */
  readonly record: (line: ChangeEvent) => Promise<void>;
  /**
   * Make a grid of samples of this step, unless it has one: who has stopped the training looks at
   * it.
   */
  readonly show: () => Promise<void>;
  /** Save a checkpoint, unless this step has one. @returns whether there was anything to save */
  readonly save: () => Promise<boolean>;
}

/** Stands between the loop and those who steer it. */
export interface RunController {
  /** The configuration in force. */
  config(): LoopConfig;
  /**
   * Obey what has arrived after `step` steps; returns when the next one may begin, or the signal
   * has aborted.
   */
  handleCommands(step: number): Promise<void>;
}

/** A controller; without a control it does nothing. */
export function createRunController(parts: RunControllerParts): RunController {
  const { control, signal } = parts;
  if (!control) return { config: () => parts.config, handleCommands: async () => undefined };
  let changes = inOrder(control.changes);
  let inForce = changes.filter((change) => change.step < parts.fromStep);
  let config = withValues(parts.config, mergeChanges(inForce));
  let paused = false;
  let answers: readonly Answer[] = [];
  let left: PendingCommand[] = [];

  const publish = (step: number) => control.publish({ paused, step, values: mergeChanges(inForce), answers });

  const enforce = async (change: Change): Promise<void> => {
    inForce = [...inForce, change];
    config = withValues(config, change.values);
    if (!control.recorded.has(change.id)) await parts.record({ kind: "change", ...change });
  };

  /** @returns what to answer */
  const apply = async (command: Command, step: number): Promise<string> => {
    switch (command.kind) {
      case "pause":
        paused = true;
        await parts.show();
        return `Paused after step ${step}.`;
      case "resume":
        paused = false;
        return "Training goes on.";
      case "step":
        paused = true;
        return "One step.";
      case "save":
        return (await parts.save())
          ? `Saved a checkpoint of step ${step}.`
          : `Step ${step} is saved already.`;
      case "show":
        await parts.show();
        return `There is a grid of step ${step}.`;
      case "change": {
        const id = Math.max(0, ...control.recorded, ...changes.map((change) => change.id)) + 1;
        const change = { id, step, values: command.values };
        changes = inOrder([...changes, change]);
        await control.persist(changes);
        await enforce(change);
        return `In force from step ${step + 1} on: ${describeValues(change)}.`;
      }
    }
  };

  /** @returns whether one step was asked for */
  const answer = async (sent: PendingCommand, step: number): Promise<boolean> => {
    try {
      const command = parseCommand(sent.command, config, parts.steps);
      answers = [...answers, { id: sent.id, ok: true, message: await apply(command, step) }];
      return command.kind === "step";
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { message: what, hint } = error.written(asFlag);
      const message = [what, hint].filter(Boolean).join(" ");
      answers = [...answers, { id: sent.id, ok: false, message }];
      return false;
    } finally {
      answers = answers.slice(-ANSWERS);
    }
  };

  const handleCommands = async (step: number): Promise<void> => {
    for (const change of changes)
      if (change.step === step && !inForce.includes(change)) await enforce(change);
    let waiting: PendingCommand[] = [...left, ...control.take()];
    left = [];
    // After a single step: show what it did, and say where it stands again.
    if (paused) {
      await parts.show();
      await publish(step);
    }
    for (;;) {
      while (waiting.length > 0) {
        const next = waiting.shift()!;
        const single = await answer(next, step);
        await publish(step);
        // What came after "one step" is for the time after it.
        if (single) {
          left = waiting;
          return;
        }
      }
      if (!paused || signal?.aborted) return;
      await control.wait(signal);
      waiting = [...control.take()];
    }
  };
  return { config: () => config, handleCommands };
}

/** By step; those of one step as they were made. */
const inOrder = (changes: readonly Change[]): Change[] =>
  [...changes].sort((a, b) => a.step - b.step || a.id - b.id);

const describeValues = ({ values }: Change): string =>
  Object.entries(values)
    .map(([path, value]) => `${path} = ${value}`)
    .join(", ");
