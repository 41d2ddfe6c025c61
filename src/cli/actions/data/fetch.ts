/** `data fetch`: the use case, printed. */
import { fetchDataSet, placeOf } from "../../../app/data/fetch.ts";
import { shortPath } from "../../../app/support/run-folder.ts";
import { UserError } from "../../../base/errors.ts";
import { formatBytes } from "../../../base/text/format/index.ts";
import { shellWord } from "../../../base/text/shell.ts";
import { PUBLICATIONS } from "../../../data/index.node.ts";
import type { Invocation } from "../../command.ts";
import { interruptible } from "../../terminal/interruptible.ts";
import { contextOf } from "../../terminal/narrate.ts";

const WORDS = "Stopping: what has been downloaded is kept. Press Ctrl-C again to quit at once.";

/**
 * Fetch what the command line names.
 * @returns the exit code.
 * @throws UserError for everything a user can put right
 */
export async function fetchFrom({ args: [name], options, output }: Invocation): Promise<number> {
  if (name === undefined)
    throw new UserError(
      "data fetch needs the name of a data set.",
      `Known: ${PUBLICATIONS.map((each) => each.name).join(", ")}.`,
    );
  const asked = {
    name,
    out: options.text("out"),
    mirror: options.text("mirror"),
    keepArchives: options.flag("keep-archives"),
  };
  const words = {
    stopping: WORDS,
    stopped: `Stopped. The same command goes on from what is in ${shortPath(placeOf(asked))}.`,
  };
  return interruptible(output, words, async (signal) => {
    const { source, ...fetched } = await fetchDataSet(asked, contextOf(output, signal));
    const { folder, files, wasThere } = fetched;
    const short = shortPath(folder);
    const next = `quarterturn train ${shellWord(source.replace(folder, short))}`;
    const size = formatBytes(files.reduce((sum, file) => sum + file.bytes, 0));
    output.result(
      `${wasThere ? "there already:" : "made"} ${short} (${files.length} files, ${size})\n\nNext: ${next}`,
      { ...fetched, next },
    );
  });
}
