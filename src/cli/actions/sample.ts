/** `sample`: the use cases `sample` and `film`, printed. */

import { film } from "../../app/sample/film.ts";
import { sample } from "../../app/sample/sample.ts";
import { shortPath } from "../../app/support/run-folder.ts";
import { formatCount } from "../../base/text/format/index.ts";
import type { Invocation } from "../command.ts";
import { readFilmOptions, readSampleOptions } from "../options/sample-options.ts";
import { contextOf } from "../terminal/narrate.ts";

/** Make what the command line asks for. @throws UserError for everything a user can put right */
export async function sampleFrom(invocation: Invocation): Promise<void> {
  const { options, output } = invocation;
  if (options.flag("film") === true) return filmFrom(invocation);
  const { result, classes } = await sample(readSampleOptions(invocation), contextOf(output));
  const { files, step, weights, seed } = result;
  const shown = [
    shortPath(files[0]!),
    ...(files.length > 1 ? [`and ${formatCount(files.length - 1)} more`] : []),
  ].join(" ");
  output.result(
    `${shown} (step ${formatCount(step)}, ${weights} weights, seed ${seed}${classes && `, ${classes}`})`,
    result,
  );
}

async function filmFrom(invocation: Invocation): Promise<void> {
  const { output } = invocation;
  const result = await film(readFilmOptions(invocation), contextOf(output));
  const { files, steps } = result;
  output.result(
    `${shortPath(files[0])} (${formatCount(steps.length)} grids, step ${formatCount(steps[0]!)} to ${formatCount(steps.at(-1)!)})`,
    result,
  );
}
