/** `bundle`: the use case, printed. */
import { bundle } from "../../app/bundle.ts";
import { shortPath } from "../../app/support/run-folder.ts";
import { formatBytes, formatCount } from "../../base/text/format/index.ts";
import type { Invocation } from "../command.ts";
import { contextOf } from "../terminal/narrate.ts";

/**
 * Write a run and its images into one file.
 * @throws UserError for everything a user can put right
 */
export async function bundleFrom({ args: [run = ""], options, output }: Invocation): Promise<void> {
  const asked = {
    ...{ run, out: options.text("out") },
    step: options.number("step", { whole: true, min: 1 }),
  };
  const result = await bundle(asked, contextOf(output));
  const { path, step, images, bytes } = result;
  output.result(
    `${shortPath(path)} (step ${formatCount(step)}, ${formatCount(images)} images, ${formatBytes(bytes)})`,
    result,
  );
}
