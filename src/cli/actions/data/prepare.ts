/** `data prepare`: the use case, printed. */
import { prepareImages } from "../../../app/data/prepare.ts";
import { formatBytes } from "../../../base/text/format/index.ts";
import { dataSentence } from "../../../narration/data-sentence.ts";
import type { Invocation } from "../../command.ts";
import { interruptible } from "../../terminal/interruptible.ts";
import { contextOf } from "../../terminal/narrate.ts";
import { readSizedImages } from "./request.ts";

/**
 * Pack what the command line names.
 * @returns the exit code.
 * @throws UserError for everything a user can put right
 */
export async function prepareFrom(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const asked = readSizedImages(invocation);
  const words = { stopping: "Stopping…", stopped: "Stopped; nothing was packed." };
  return interruptible(output, words, async (signal) => {
    const outcome = await prepareImages(asked, contextOf(output, signal));
    const { file, bytes, fromCache } = outcome;
    const done = fromCache ? "were packed already" : "packed";
    output.result(`${dataSentence(outcome)}: ${done}\n${file} (${formatBytes(bytes)})`, outcome);
  });
}
