/** What `train` tells while it goes on: a view on the events of the loop. */

import { join } from "node:path";
import { shortPath } from "../app/support/run-folder.ts";
import {
  quantitiesOfStep,
  quantityText,
  RECENT_STEPS,
  recentQuantities,
  taskKeyOf,
} from "../base/quantities.ts";
import { formatCount, percent } from "../base/text/format/index.ts";
import { imagesOf } from "../data/images-of.ts";
import type { ProbeEvent, SampleEvent, StepEvent, TrainEvent } from "../training/events.ts";
import { overfittingShare } from "../training/loop/health/overfitting.ts";
import { rescueInWords } from "../training/loop/health/rescue.ts";
import { paceOf } from "../training/loop/pace.ts";
import { evaluationLines } from "./evaluation-report.ts";
import type { Teller } from "./progress.ts";
import { formatStatus, type Status } from "./status-line.ts";

/** How often a line is printed where none can be redrawn, in milliseconds. */
const PLAIN_LINE_EVERY = 10_000;

/** How the report is written. */
export interface Style {
  /** A word that leads a line. */
  readonly label: (text: string) => string;
  /** What matters little. */
  readonly faint: (text: string) => string;
  /** How a training is stopped, for the line with which it begins; nothing unless given. */
  readonly stopping?: string;
  /** A thing that is as it should be, and one that is not; as they are unless given. */
  readonly good?: (text: string) => string;
  readonly bad?: (text: string) => string;
}

/** Without colors, for callers that are no terminal. */
export const PLAIN_STYLE: Style = { label: (text) => text, faint: (text) => text };

/** A listener for the events of a training. */
export type TrainReport = (event: TrainEvent, memory: () => number) => void;

/**
 * Puts the events of a training into words, for a terminal or a log.
 * @param folder the run folder, for the paths of pictures
 * @returns a listener, which is also told how to find the memory that the training takes, in bytes
 */
export function createTrainReport(
  output: Teller,
  folder: string,
  { label, faint, stopping = "" }: Style = PLAIN_STYLE,
): TrainReport {
  const window: StepEvent[] = [];
  const warned = new Set<string>();
  let steps = 0;
  let lineAt = Number.NEGATIVE_INFINITY;

  const showStep = (event: StepEvent, memory: () => number): void => {
    window.push(event);
    if (window.length > RECENT_STEPS) window.shift();
    const status = statusOf(window, steps, memory());
    output.status(formatStatus(status, output.columns));
    if (output.interactive || (event.time - lineAt < PLAIN_LINE_EVERY && event.step !== steps)) return;
    lineAt = event.time;
    output.line(formatStatus(status));
  };

  return (event, memory) => {
    switch (event.kind) {
      case "start":
        steps = event.steps;
        output.line(
          event.step === 0
            ? `Training for ${formatCount(steps)} steps on ${event.engine}${stopping}.`
            : `Continuing at step ${formatCount(event.step)} of ${formatCount(steps)} on ${event.engine}${stopping}.`,
        );
        break;
      case "step":
        showStep(event, memory);
        break;
      case "sample":
        output.line(
          `${label("samples")} ${join(folder, event.averagedFile ?? event.file)}${overfittingNote(event)}`,
        );
        break;
      case "evaluation":
        for (const line of evaluationLines(event)) output.line(`${label("measure")} ${line}`);
        for (const warning of event.warnings)
          if (!warned.has(warning)) {
            warned.add(warning);
            output.warning(warning);
          }
        break;
      case "probe":
        output.line(`${label("probe  ")} ${probeLine(event)}`);
        break;
      case "checkpoint":
        output.line(faint(`saved   ${shortPath(event.path)}`));
        break;
      case "warning":
        warned.add(event.message);
        output.warning(`${event.message} ${event.advice}`.trim());
        break;
      case "change":
        if (event.rescue) output.line(`${label("rescued")} ${rescueInWords(event.rescue)}`);
        else
          output.line(
            `${label("changed")} from step ${formatCount(event.step + 1)} on: ${Object.entries(event.values)
              .map(([path, value]) => `${path} = ${value}`)
              .join(", ")}`,
          );
        break;
      case "stop":
        break;
    }
  };
}

/**
 * ` · overfitting 12%`; nothing at step 0, where the discriminator knows no image yet, and where no
 * images are held out.
 */
function overfittingNote({ step, heldOut }: SampleEvent): string {
  const share = step > 0 && heldOut ? overfittingShare(heldOut) : undefined;
  return share === undefined ? "" : ` · overfitting ${quantityText("overfitting", share)}`;
}

/**
 * `classes told from block1 31%, block2 40% (10,000 training, 2,000 test images of CIFAR-10,
 * quick protocol)`
 */
function probeLine({ accuracies, train, test, protocol }: ProbeEvent): string {
  const blocks = Object.entries(accuracies).map(([block, accuracy]) => `${block} ${percent(accuracy)}`);
  const images = `${formatCount(train.count)} training, ${formatCount(test.count)} test ${imagesOf(test.data)}`;
  return `classes told from ${blocks.join(", ")} (${images}, ${protocol.name} protocol)`;
}

/**
 * The state of a run from its latest steps (at least one): its pace and its numbers are those that
 * the studio shows.
 */
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
