/** `data preview`: the use case, printed. */
import { previewImages } from "../../../app/data/preview.ts";
import { shortPath } from "../../../app/support/run-folder.ts";
import { formatCount } from "../../../base/text/format/index.ts";
import { imagesOf } from "../../../data/images-of.ts";
import type { Invocation } from "../../command.ts";
import { interruptible } from "../../terminal/interruptible.ts";
import { contextOf } from "../../terminal/narrate.ts";
import { readSizedImages } from "./request.ts";

/**
 * Draw what the command line names.
 * @returns the exit code.
 * @throws UserError for everything a user can put right
 */
export async function previewFrom(invocation: Invocation): Promise<number> {
  const { output, options } = invocation;
  const asked = {
    ...readSizedImages(invocation),
    count: options.number("count", { whole: true, min: 1, max: 10_000 }),
    turned: options.number("turned", { whole: true, min: 0, max: 1000 }),
    seed: options.number("seed", { whole: true, min: 0 }),
    out: options.text("out"),
  };
  const words = { stopping: "Stopping…", stopped: "Stopped; nothing was drawn." };
  return interruptible(output, words, async (signal) => {
    const { name, ...drawn } = await previewImages(asked, contextOf(output, signal));
    const { file, count, turned, images } = drawn;
    const below =
      turned > 0
        ? `; below them ${formatCount(turned)} as stored and rotated counterclockwise by 90°, 180° and 270°`
        : "";
    output.result(
      `${shortPath(file)}: ${formatCount(count)} of ${formatCount(images)} ${imagesOf(name)}${below}`,
      drawn,
    );
  });
}
