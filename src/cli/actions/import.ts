/** `import`: the use case, printed. */
import { importNetworks } from "../../app/import.ts";
import { shortPath } from "../../app/support/run-folder.ts";
import { formatCount } from "../../base/text/format/index.ts";
import type { Invocation } from "../command.ts";
import { contextOf } from "../terminal/narrate.ts";

/**
 * Import the networks that the command line names.
 * @throws UserError for everything a user can put right
 */
export async function importFrom({ args: [file = ""], options, output }: Invocation): Promise<void> {
  const asked = {
    generator: file,
    discriminator: options.text("discriminator"),
    data: options.text("data"),
    run: options.text("run"),
  };
  const { widths, ...result } = await importNetworks(asked, contextOf(output));
  const { run, step, resolution } = result;
  const where = shortPath(run);
  const beside = widths.discriminator === undefined ? "" : `, discriminator of ${widths.discriminator}`;
  output.result(
    [
      `${where}: ${resolution}×${resolution}, generator of ${widths.generator} channels${beside}, step ${formatCount(step)}`,
      `next    quarterturn sample ${where}`,
      `        quarterturn train --run ${where} --fork --set data.source=DATA --steps ${step + 100_000}`,
    ].join("\n"),
    result,
  );
}
