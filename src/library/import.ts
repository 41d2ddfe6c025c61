/** `import` as a function. */
import { type ImportOptions, type ImportResult, importNetworks as importWith } from "../app/import.ts";
import { INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";

/** What comes with the generator, and where the run goes. */
export interface ImportCall extends Omit<ImportOptions, "generator">, Interruptible {}

const KINDS: kind.Kinds<ImportCall> = {
  discriminator: kind.text,
  data: kind.text,
  run: kind.text,
  ...INTERRUPTIBLE,
};

/**
 * Make a run of networks that the mimicry library has trained, as `quarterturn import` does.
 * Nothing in the files is executed.
 * @param generator a file of the generator's weights
 * @throws UserError for an unknown option, files that are no such networks, and a folder that holds
 * a run; the signal's reason when it aborts, with nothing written
 * @example A generator with its discriminator
 * ```ts
 * import { importNetworks } from "quarterturn";
 *
 * const { run, resolution } = await importNetworks("netG.pth", {
 *   discriminator: "netD.pth",
 *   data: "pictures",
 *   run: "runs/imported",
 * });
 * console.log(`${run} makes images of ${resolution} × ${resolution}`);
 * ```
 */
export async function importNetworks(generator: string, call: ImportCall = {}): Promise<ImportResult> {
  kind.checkWord(
    "importNetworks",
    "generator",
    "the path of a file of weights",
    generator,
    'importNetworks("netG.pth")',
  );
  kind.checkCall<ImportCall>("importNetworks", call, KINDS);
  return working(call, (options, context) => importWith({ ...options, generator }, context));
}
