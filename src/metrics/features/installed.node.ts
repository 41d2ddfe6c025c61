/**
 * Feature networks that a user adds: an ONNX file each in the user's cache folder, made from the
 * weights that were given, with a note beside it of where they came from.
 */

import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { removeUnfinished, writeFileWhole } from "../../base/disk/files.node.ts";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { readJsonFile } from "../../base/disk/regular.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { isOfNetwork, systemProblem } from "../../base/system-problems.ts";
import { defaultCacheFolder } from "../../data/index.node.ts";
import type { FeatureDefinition, FeatureOptions } from "./feature-network.ts";
import { openOnnxFeatures } from "./onnx-file.node.ts";

/** Where an installed network came from. */
export interface Provenance {
  /** The file or address that was given. */
  readonly from: string;
  /** SHA-256 of the weights file. */
  readonly sha256: string;
  /** When, ISO 8601. */
  readonly added: string;
  /** What a user of its numbers should know; empty if nothing. */
  readonly remarks: readonly string[];
}

const provenanceSchema: z.ZodType<Provenance> = z.object({
  from: z.string(),
  sha256: z.string(),
  added: z.string(),
  remarks: z.array(z.string()),
});

/** A network that is there. */
export interface InstalledNetwork {
  readonly path: string;
  readonly bytes: number;
  /** undefined if the note beside the file is missing or unreadable. */
  readonly provenance: Provenance | undefined;
}

/** The folder of installed networks. */
export const networkFolder = (cacheDir = defaultCacheFolder()): string => join(cacheDir, "features");

const pathsOf = (
  name: string,
  cacheDir: string | undefined,
): { readonly model: string; readonly note: string } => {
  const base = join(networkFolder(cacheDir), name);
  return { model: `${base}.onnx`, note: `${base}.json` };
};

/** What is installed under a name; undefined if nothing. */
export async function findInstalled(name: string, cacheDir?: string): Promise<InstalledNetwork | undefined> {
  const { model, note } = pathsOf(name, cacheDir);
  const found = await stat(model).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  // Only a note: the network is what it is without it.
  const provenance = await readJsonFile(note, { schema: provenanceSchema, hint: "" }).catch(() => undefined);
  return { path: model, bytes: found.size, provenance };
}

/**
 * Keep a model under a name; one that is there is replaced only by one that `check` has let pass.
 * @param check looks at the written file before it gets its name; when it throws, it does not get
 * it
 * @throws UserError when the cache folder cannot be written to
 */
export async function keepInstalled(
  name: string,
  model: Uint8Array,
  provenance: Provenance,
  check: (path: string) => Promise<void>,
  cacheDir?: string,
): Promise<InstalledNetwork> {
  const folder = networkFolder(cacheDir);
  const paths = pathsOf(name, cacheDir);
  return explainCache(folder, async () => {
    await makeFolder(folder);
    await removeUnfinished(folder);
    await writeFileWhole(paths.model, model, async (written) => {
      await check(written);
      // In between there is a network without a note, which is usable; never a note that speaks of another network.
      await rm(paths.note, { force: true });
    });
    await writeFileWhole(paths.note, `${JSON.stringify(provenance, null, 2)}\n`);
    return { path: paths.model, bytes: model.length, provenance };
  });
}

/** Remove what is installed under a name. @returns whether there was anything */
export async function removeInstalled(name: string, cacheDir?: string): Promise<boolean> {
  const { model, note } = pathsOf(name, cacheDir);
  const there = (await findInstalled(name, cacheDir)) !== undefined;
  await explainCache(networkFolder(cacheDir), async () => {
    await rm(model, { force: true });
    await rm(note, { force: true });
  });
  return there;
}

/** A definition for the registry of a network that has to be installed. */
export function installedFeatures(name: string, description: string): FeatureDefinition {
  return {
    name,
    description,
    async open(options: FeatureOptions) {
      const installed = await findInstalled(name, options.cacheDir);
      if (!installed)
        throw new UserError(
          `The feature network ${name} is not installed.`,
          `Its weights have to be added once: quarterturn features add ${name} ${option("from", "FILE")} (see docs/metrics.md).`,
        );
      return { ...(await openOnnxFeatures(installed.path, options)), name };
    },
  };
}

/** Turns what the file system refuses into words. */
export async function explainCache<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof UserError ? error.cause : error;
    const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? "";
    if (code === "ENOSPC")
      throw new UserError(
        `The disk is full: a feature network needs up to 200 MB in ${folder} (${code}).`,
        "Make room, or set QUARTERTURN_CACHE to a folder on another disk.",
        { cause },
      );
    const problem = systemProblem(code);
    // Weights are fetched in here as well.
    if (!problem || isOfNetwork(code)) throw error;
    throw new UserError(
      `Feature networks cannot be kept in ${folder}: ${problem.what} (${code}).`,
      `Set QUARTERTURN_CACHE to a folder that can be written to. ${problem.remedy}`,
      { cause },
    );
  }
}
