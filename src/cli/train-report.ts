/** What `train` tells while it goes on: a view on the events of the loop. */

import { join } from "node:path";
import {
  quantitiesOfStep,
  quantityText,
  RECENT_STEPS,
  recentQuantities,
  taskKeyOf,
} from "../base/quantities.ts";
import { shellWord } from "../base/shell.ts";
import { imagesOf } from "../data/images-of.ts";
import { paceOf } from "../studio/status.ts";
import type { CheckpointEvent, ProbeEvent, SampleEvent, StepEvent, TrainEvent } from "../training/events.ts";
import { overfittingShare } from "../training/overfitting.ts";
import { rescueInWords } from "../training/rescue.ts";
import { calledAs } from "./called-as.ts";
import { colors } from "./colors.ts";
import { evaluationLines } from "./evaluation-report.ts";
import type { Output } from "./output.ts";
import { shortPath } from "./run-folder.ts";
import { formatCount, formatDuration, formatPercent, formatStatus, type Status } from "./status.ts";

/** How often a line is printed where none can be redrawn, in milliseconds. */
const PLAIN_LINE_EVERY = 10_000;

/** What is known at the end. */
export interface TrainSummary {
  readonly step: number;
  readonly last: StepEvent | undefined;
  readonly sample: SampleEvent | undefined;
  readonly checkpoint: CheckpointEvent | undefined;
  readonly warnings: readonly string[];
}

/** A listener for `train`, and what it has heard. */
export interface TrainReport {
  onEvent(event: TrainEvent): void;
  summary(): TrainSummary;
}

/**
 * @param folder the run folder, for the paths of pictures
 * @param memory resident memory of the process in bytes
 */
export function createTrainReport(output: Output, folder: string, memory: () => number): TrainReport {
  const window: StepEvent[] = [];
  const warnings: string[] = [];
  let steps = 0;
  let step = 0;
  let sample: SampleEvent | undefined;
  let checkpoint: CheckpointEvent | undefined;
  let lineAt = Number.NEGATIVE_INFINITY;

  const showStep = (event: StepEvent): void => {
    window.push(event);
    if (window.length > RECENT_STEPS) window.shift();
    const status = statusOf(window, steps, memory());
    output.status(formatStatus(status, output.columns));
    if (output.interactive || (event.time - lineAt < PLAIN_LINE_EVERY && event.step !== steps)) return;
    lineAt = event.time;
    output.line(formatStatus(status));
  };

  const onEvent = (event: TrainEvent): void => {
    step = event.step;
    switch (event.kind) {
      case "start":
        steps = event.steps;
        output.line(
          event.step === 0
            ? `Training for ${formatCount(steps)} steps on ${event.engine}; Ctrl-C saves and stops.`
            : `Continuing at step ${formatCount(event.step)} of ${formatCount(steps)} on ${event.engine}; Ctrl-C saves and stops.`,
        );
        break;
      case "step":
        showStep(event);
        break;
      case "sample":
        sample = event;
        output.line(
          `${colors.cyan("samples")} ${join(folder, event.averagedFile ?? event.file)}${overfittingNote(event)}`,
        );
        break;
      case "evaluation":
        for (const line of evaluationLines(event)) output.line(`${colors.cyan("measure")} ${line}`);
        for (const warning of event.warnings)
          if (!warnings.includes(warning)) {
            warnings.push(warning);
            output.warning(warning);
          }
        break;
      case "probe":
        output.line(`${colors.cyan("probe  ")} ${probeLine(event)}`);
        break;
      case "checkpoint":
        checkpoint = event;
        output.line(colors.dim(`saved   ${shortPath(event.path)}`));
        break;
      case "warning":
        warnings.push(event.message);
        output.warning(`${event.message} ${event.advice}`.trim());
        break;
      case "change":
        if (event.rescue) output.line(`${colors.cyan("rescued")} ${rescueInWords(event.rescue)}`);
        else
          output.line(
            `${colors.cyan("changed")} from step ${formatCount(event.step + 1)} on: ${Object.entries(
              event.values,
            )
              .map(([path, value]) => `${path} = ${value}`)
              .join(", ")}`,
          );
        break;
      case "stop":
        break;
    }
  };
  return { onEvent, summary: () => ({ step, last: window.at(-1), sample, checkpoint, warnings }) };
}

/** ` · overfitting 12%`; nothing at step 0, where the discriminator knows no image yet, and where no images are held out. */
function overfittingNote({ step, heldOut }: SampleEvent): string {
  const share = step > 0 && heldOut ? overfittingShare(heldOut) : undefined;
  return share === undefined ? "" : ` · overfitting ${quantityText("overfitting", share)}`;
}

/** `classes told from block1 31.2 %, block2 40.1 % (10,000 training, 2,000 test images of CIFAR-10, quick protocol)` */
function probeLine({ accuracies, train, test, protocol }: ProbeEvent): string {
  const blocks = Object.entries(accuracies).map(([block, accuracy]) => `${block} ${formatPercent(accuracy)}`);
  const images = `${formatCount(train.count)} training, ${formatCount(test.count)} test ${imagesOf(test.data)}`;
  return `classes told from ${blocks.join(", ")} (${images}, ${protocol.name} protocol)`;
}

/** The state of a run from its latest steps (at least one): its pace and its numbers are those that the studio shows. */
export function statusOf(window: readonly StepEvent[], steps: number, memoryBytes: number): Status {
  const last = window.at(-1)!;
  const latest = window.map(({ step, time }) => [step, time] as const);
  const { secondsPerStep = last.stepSeconds } = paceOf(latest, steps, last.time);
  return {
    step: last.step,
    steps,
    task: taskKeyOf({ ...last }),
    quantities: recentQuantities(window.map((event) => quantitiesOfStep({ ...event }))),
    secondsLeft: (steps - last.step) * secondsPerStep,
    memoryBytes,
  };
}

/** One sentence on how a run ended, and what can be done with it then. */
export function describeEnd(
  reason: string,
  step: number,
  steps: number,
  seconds: number,
  folder: string,
  best?: string,
  call = calledAs(),
): string {
  const done = `${formatCount(step)} of ${formatCount(steps)} steps`;
  return reason === "finished"
    ? `Done: ${done}, in ${formatDuration(seconds)} this time. Everything is in ${folder}.${best === undefined ? "" : ` Best was ${best}.`}\n${nextSteps(call, folder)}`
    : `Stopped after ${done}; everything is saved in ${folder}. The same command continues.`;
}

/** What can be done with a finished run, as commands to be pasted. @param call the words before a command */
const nextSteps = (call: string, folder: string): string =>
  `Next: ${["studio", "sample", "report", "export"].map((command) => `${call} ${command} ${shellWord(folder)}`).join(" · ")}`;
