/**
 * Files of a run that the page may have: grids of samples, what the discriminator made of them,
 * and how the weights were spread.
 * Nothing else, and no way out.
 */
import { isSampleFile, readSampleFile } from "../../training/sampling/sample-files.node.ts";

/** A file as it is sent. */
export interface RunFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * A picture or another file of a run, as a page may have it.
 * @param dir the run folder
 * @param name path below it, as the record has it
 * @returns undefined for a file that is not there, not allowed, or a link that leads out of the
 * run, or no picture
 */
export async function readRunFile(dir: string, name: string): Promise<RunFile | undefined> {
  if (!isSampleFile(name)) return undefined;
  const bytes = await readSampleFile(dir, name).catch(() => undefined);
  return (
    bytes && {
      type: name.endsWith(".json") ? "application/json" : "image/png",
      bytes: new Uint8Array(bytes),
    }
  );
}
