/** `train`: the use case with a terminal, interruptions and a studio beside it. */

import type { Context } from "../../../app/context.ts";
import { shortPath } from "../../../app/support/run-folder.ts";
import { type TrainOutcome, train } from "../../../app/train/train.ts";
import type { Studio } from "../../../studio/server/server.ts";
import { describeBest, readBest } from "../../../training/run/checkpoint/best.node.ts";
import { startHintAsCalled } from "../../called-as.ts";
import type { Invocation } from "../../command.ts";
import { readTrainOptions } from "../../options/train-options.ts";
import { watchInterrupts } from "../../terminal/interrupt.ts";
import { narrate } from "../../terminal/narrate.ts";
import type { Output } from "../../terminal/output.ts";
import { describeEnd } from "./train-end.ts";

/**
 * Train as the command line says, until done or interrupted.
 * @throws UserError for everything a user can put right
 */
export async function trainFrom(invocation: Invocation): Promise<TrainOutcome["reason"]> {
  const { output } = invocation;
  const options = readTrainOptions(invocation);
  const studio = studioBeside(output, invocation.options.flag("studio") !== false);
  const interrupts = watchInterrupts(output);
  try {
    const outcome = await train(options, { report: studio.report, signal: interrupts.signal });
    output.result(await lastWords(outcome), outcome);
    return outcome.reason;
  } finally {
    await studio.close();
    interrupts.dispose();
    // Everything is closed, the terminal too: end by the signal, as Node aborts when it cannot restore a terminal that is gone.
    if (interrupts.hungUp()) process.kill(process.pid, "SIGHUP");
  }
}

async function lastWords(outcome: TrainOutcome): Promise<string> {
  const { run, reason, step, steps = step, seconds = 0 } = outcome;
  if (run === undefined) return "Stopped before training began; nothing was changed.";
  const best = await readBest(run);
  return describeEnd(reason, step, steps, seconds, shortPath(run), best && describeBest(best));
}

/** Prints what a training tells, and serves a studio from its beginning on. */
function studioBeside(output: Output, serves: boolean): Pick<Context, "report"> & { close(): Promise<void> } {
  const narrator = narrate(output);
  let studio: Studio | undefined;
  let asked = !serves;
  return {
    report(event) {
      if (asked || event.kind !== "training" || event.event.kind !== "start") return narrator(event);
      asked = true;
      return (async () => {
        // Loaded only when the run may go on, so that a refusal is not kept waiting.
        studio = await (await import("../../../app/studio.ts")).serveBeside(event.dir, startHintAsCalled, {
          report: narrator,
        });
        await narrator(event);
      })();
    },
    close: async () => studio?.close(),
  };
}
