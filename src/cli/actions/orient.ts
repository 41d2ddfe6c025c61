/** `orient`: the use cases `orient` and `evaluateOrientation`, printed. */
import { evaluateOrientation } from "../../app/orient/evaluate.ts";
import { type OrientResult, orient, type RotationHeadOptions } from "../../app/orient/orient.ts";
import { shortPath } from "../../app/support/run-folder.ts";
import { UserError } from "../../base/errors.ts";
import { formatCountOf } from "../../base/text/format/index.ts";
import { describeOrientEvaluation } from "../../narration/orient-report.ts";
import { EXIT, type Invocation, refuseIdle } from "../command.ts";
import { readCheckpoint } from "../options/checkpoint-options.ts";
import { readEngine } from "../options/engine-options.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { contextOf } from "../terminal/narrate.ts";
import { readImages } from "./data/request.ts";

const WORDS = {
  stopping: "Stopping…",
  stopped: "Stopped. The originals are untouched; copies written so far are whole.",
};

/**
 * Look at the images that the command line names.
 * @returns the exit code.
 * @throws UserError for everything a user can put right
 */
export async function orientFrom(invocation: Invocation): Promise<number> {
  const { options, output } = invocation;
  const run = options.text("run");
  if (run === undefined)
    throw new UserError(
      "orient needs a run, whose rotation head is to judge.",
      "Name it: quarterturn orient DATA --run runs/NAME",
    );
  const asked: RotationHeadOptions = {
    ...{ run, ...readImages(invocation), ...readCheckpoint(options), ...readEngine(options) },
  };
  if (options.flag("evaluate") === true) {
    refuseBesideEvaluate(invocation);
    return interruptible(output, WORDS, async (signal) => {
      const { run, step, data, split, ...evaluation } = await evaluateOrientation(
        asked,
        contextOf(output, signal),
      );
      output.result(describeOrientEvaluation(evaluation, `${data} (${split})`, step), {
        ...{ run, step, data, split, ...evaluation },
      });
    });
  }
  const more = {
    threshold: options.number("threshold", { min: 0.25, max: 1 }),
    list: options.text("list"),
    out: options.text("out"),
    turnedOnly: options.flag("turned-only"),
  };
  return interruptible(output, WORDS, async (signal) => {
    const result = await orient({ ...asked, ...more }, contextOf(output, signal));
    output.result(describeWritten(result), documentOf(result));
    // What was asked for is not all there.
    const failed = result.copies?.failed ?? [];
    return result.unwritten !== undefined || failed.length > 0 ? EXIT.userError : EXIT.done;
  });
}

function refuseBesideEvaluate({ options }: Invocation): void {
  refuseIdle(
    options,
    ["threshold", "list"],
    "--evaluate measures the head, and gives no verdict on single images",
    "Leave --name out, or --evaluate.",
  );
  if (options.text("out") !== undefined)
    throw new UserError("--evaluate writes no copies.", "Leave --out out.");
  if (options.flag("turned-only"))
    throw new UserError("--turned-only is given without --out.", "It says which copies are written.");
}

const describeWritten = ({ list, listed, out, copies }: OrientResult): string =>
  [
    ...(list !== undefined && listed ? [`${shortPath(list)} names them all.`] : []),
    ...(out !== undefined && copies
      ? [`${formatCountOf(copies.paths.size, "copy is", "copies are")} in ${shortPath(out)}.`]
      : []),
  ].join("\n");

const documentOf = ({
  run,
  step,
  data,
  summary,
  skipped,
  list,
  out,
  copies,
  unwritten,
  rows,
}: OrientResult) => ({
  ...{ run, step, data, ...summary, skipped },
  ...(list !== undefined && { list }),
  ...(out !== undefined && { out }),
  ...(copies && { left: copies.left, failed: copies.failed }),
  ...(unwritten !== undefined && { unwritten }),
  results: rows,
});
