/** Where an imported run is from: `import.json` of its folder. */

import { join } from "node:path";
import { z } from "zod";
import { writeFileWhole } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { readOwnJson } from "../run/folder/own-files.node.ts";

const FILE = "import.json";
const file = z.strictObject({ name: z.string(), sha256: z.string() });
const originSchema = z.looseObject({ generator: file, discriminator: file.nullable() });

/** The files a run was made from; no discriminator where only a generator was there. */
export type Origin = z.output<typeof originSchema>;

/** Note where a run is from. */
export const writeOrigin = (run: string, origin: Origin): Promise<void> =>
  writeFileWhole(join(run, FILE), `${JSON.stringify(origin, null, 2)}\n`);

/**
 * What a run was imported from.
 * @returns undefined for a run that was trained here
 * @throws UserError when the file is damaged
 */
export const readOrigin = (run: string): Promise<Origin | undefined> =>
  readOwnJson(run, FILE, { schema: originSchema, hint: "Restore it, or import the networks again." });

/**
 * Refuse a run whose discriminator cannot be asked anything.
 * @throws UserError when the run's discriminator is one that was never trained
 */
export async function refuseWithoutDiscriminator(run: string): Promise<void> {
  const origin = await readOrigin(run);
  if (origin?.discriminator === null)
    throw new UserError(
      `${run} was imported without its discriminator, so there is nobody to ask.`,
      `Import it with the other file as well: quarterturn import netG.pth ${option("discriminator", "netD.pth")}`,
    );
}
