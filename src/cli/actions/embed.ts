/** `embed`: the use case, printed. */
import { type EmbedResult, embed } from "../../app/embed.ts";
import { shortPath } from "../../app/support/run-folder.ts";
import { UserError } from "../../base/errors.ts";
import { formatBytes, formatCount, formatCountOf } from "../../base/text/format/index.ts";
import { EXIT, type Invocation } from "../command.ts";
import { readCheckpoint } from "../options/checkpoint-options.ts";
import { readEngine } from "../options/engine-options.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { contextOf } from "../terminal/narrate.ts";
import { readImages } from "./data/request.ts";

/**
 * Embed the images that the command line names.
 * @returns the exit code.
 * @throws UserError for everything a user can put right
 */
export async function embedFrom(invocation: Invocation): Promise<number> {
  const { options, output } = invocation;
  const run = options.text("run");
  if (run === undefined)
    throw new UserError(
      "embed needs a run, whose discriminator is to look.",
      "Name it: quarterturn embed DATA --run runs/NAME",
    );
  const asked = {
    ...{ run, ...readImages(invocation), ...readCheckpoint(options), ...readEngine(options) },
    block: options.text("block"),
    numbers: options.number("numbers", { whole: true, min: 1, max: 1_000_000 }),
    out: options.text("out"),
  };
  const words = { stopping: "Stopping…", stopped: "Stopped; nothing was written." };
  return interruptible(output, words, async (signal) => {
    const result = await embed(asked, contextOf(output, signal));
    output.result(describe(result), result);
    return result.unwritten === undefined ? EXIT.done : EXIT.userError;
  });
}

function describe(result: EmbedResult): string {
  const { file, names, shape, block, data, step, skipped, unwritten } = result;
  const [rows, columns] = shape;
  const bytes = 128 + rows * columns * 4;
  const left = skipped.length > 0 ? ` ${formatCountOf(skipped.length, "image")} could not be used.` : "";
  return (
    `${shortPath(file)}: float32 [${formatCount(rows)}, ${formatCount(columns)}], ${formatBytes(bytes)}: ${block} of ${data} at step ${formatCount(step)}\n` +
    `${shortPath(names)} ${unwritten === undefined ? "says" : "could not be written; it would say"} which image each row is.${left}`
  );
}
