/** `quarterturn data fetch NAME`: a published data set, ready to be trained on. */
import { join, resolve } from "node:path";
import { shortPath } from "../../app/run-folder.ts";
import { UserError } from "../../base/errors.ts";
import { formatBytes, formatDuration } from "../../base/format.ts";
import { shellWord } from "../../base/shell.ts";
import { type FetchProgress, fetchData, PUBLICATIONS, publicationOf } from "../../data/index.node.ts";
import { progressBar } from "../../narration/progress.ts";
import type { Invocation } from "../command.ts";
import { interruptible } from "../interruptible.ts";
import type { Output } from "../output.ts";

const WORDS = "Stopping: what has been downloaded is kept. Press Ctrl-C again to quit at once.";

/** Fetch what the command line names. @returns the exit code. @throws UserError for everything a user can put right */
export async function fetchFrom({ args: [name], options, output }: Invocation): Promise<number> {
  if (name === undefined)
    throw new UserError(
      "data fetch needs the name of a data set.",
      `Known: ${PUBLICATIONS.map((each) => each.name).join(", ")}.`,
    );
  const publication = publicationOf(name);
  const out = resolve(options.text("out") ?? join("data", publication.name));
  const bytes = publication.files.reduce((sum, file) => sum + file.bytes, 0);
  output.line(`${publication.title}, ${formatBytes(bytes)}; about it and its terms: ${publication.page}`);
  const words = {
    stopping: WORDS,
    stopped: `Stopped. The same command goes on from what is in ${shortPath(out)}.`,
  };
  return interruptible(output, words, async (signal) => {
    const { folder, files, wasThere } = await fetchData({
      publication,
      out,
      mirror: options.text("mirror"),
      keepArchives: options.flag("keep-archives") === true,
      signal,
      onProgress: fetchReport(output),
      onRetry: (reason) => output.line(`${reason}: trying again`),
    });
    const short = shortPath(folder);
    const next = `quarterturn train ${shellWord(`${publication.source}:${short}`)}`;
    const size = formatBytes(files.reduce((sum, file) => sum + file.bytes, 0));
    output.result(
      `${wasThere ? "there already:" : "made"} ${short} (${files.length} files, ${size})\n\nNext: ${next}`,
      { name: publication.name, folder, files, wasThere, next },
    );
  });
}

/** Bars with the speed of the download, over the last few seconds. */
function fetchReport(output: Output): (progress: FetchProgress) => void {
  const show = progressBar(output);
  let window: { at: number; done: number; name: string }[] = [];
  return ({ phase, name, done, total }) => {
    const now = performance.now();
    window = window.filter((each) => each.name === name && each.at > now - 5000);
    const first = window[0];
    if (phase !== "downloading" || first === undefined || first.done > done) window = [];
    window.push({ at: now, done, name });
    const speed = first && now > first.at ? (1000 * (done - first.done)) / (now - first.at) : 0;
    const note =
      phase === "downloading" && speed > 0
        ? ` · ${formatBytes(speed)}/s · ${formatDuration((total - done) / speed)} left`
        : "";
    show(`${phase} ${name}`, done, total, formatBytes, note);
  };
}
