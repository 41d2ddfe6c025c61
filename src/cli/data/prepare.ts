/** `quarterturn data prepare [DATA]`: decode and pack now what training would pack at its first start. */
import { stat } from "node:fs/promises";
import { formatBytes } from "../../base/format.ts";
import { openData } from "../../data/index.node.ts";
import { dataSentence } from "../../narration/data-sentence.ts";
import { packReport } from "../../narration/progress.ts";
import type { Invocation } from "../command.ts";
import { interruptible } from "../interruptible.ts";
import { readDataRequest } from "./request.ts";

/** Pack what the command line names. @returns the exit code. @throws UserError for everything a user can put right */
export async function prepareFrom(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const request = readDataRequest(invocation);
  const words = { stopping: "Stopping…", stopped: "Stopped; nothing was packed." };
  return interruptible(output, words, async (signal) => {
    const store = await openData({
      ...request,
      signal,
      onProgress: packReport(output),
    });
    store.close();
    const { summary, hash, file } = store;
    for (const warning of summary.warnings) output.warning(warning);
    if (file === undefined) throw new Error("the images were packed into no file");
    const { size } = await stat(file);
    const done = summary.fromCache ? "were packed already" : "packed";
    output.result(`${dataSentence(store.summary)}: ${done}\n${file} (${formatBytes(size)})`, {
      ...summary,
      hash,
      file,
      bytes: size,
    });
  });
}
