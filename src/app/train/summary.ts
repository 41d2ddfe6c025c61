/** What a training has told so far, for its result. */
import type { CheckpointEvent, SampleEvent, StepEvent, TrainEvent } from "../../training/events.ts";

/** The newest of each. */
export interface TrainSummary {
  readonly last: StepEvent | undefined;
  readonly sample: SampleEvent | undefined;
  readonly checkpoint: CheckpointEvent | undefined;
  /** Each once, in the order of their first mention. */
  readonly warnings: readonly string[];
}

/** A listener for the events of a training, and what it has heard. */
export function summarizeTraining(): { hear(event: TrainEvent): void; summary(): TrainSummary } {
  const warnings: string[] = [];
  let last: StepEvent | undefined;
  let sample: SampleEvent | undefined;
  let checkpoint: CheckpointEvent | undefined;
  return {
    hear(event) {
      if (event.kind === "step") last = event;
      if (event.kind === "sample") sample = event;
      if (event.kind === "checkpoint") checkpoint = event;
      if (event.kind === "warning") warnings.push(event.message);
      if (event.kind === "evaluation")
        for (const warning of event.warnings) if (!warnings.includes(warning)) warnings.push(warning);
    },
    summary: () => ({ last, sample, checkpoint, warnings }),
  };
}
