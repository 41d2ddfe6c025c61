/** The forms in which data and run folders are named. */
import { join, relative, resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { resolveSource } from "../../data/index.node.ts";
import { RUN_SOURCE } from "../../data/run-images.ts";

/**
 * A source of images in the one form that does not depend on the working folder, so that the same
 * data is the same configuration: null for the built-in images, an absolute path, or `kind:absolute
 * path`.
 * @throws UserError for an unknown kind of data
 */
export function canonicalSource(typed: string | null): string | null {
  if (typed === null || typed === RUN_SOURCE) return typed;
  const { definition, location } = resolveSource(typed);
  if (definition === resolveSource(null).definition) return null;
  if (location === "") return typed;
  const path = resolve(location);
  return definition.usage.startsWith(`${definition.name}:`) ? `${definition.name}:${path}` : path;
}

/**
 * The configuration with the place of its images, where the run brings them along: `run:images` is
 * in whatever folder the run is in now.
 * @param dir the run folder @throws UserError when it is not known
 */
export function withRunImages<C extends { readonly data: { readonly source: string | null } }>(
  config: C,
  dir: string | undefined,
): C {
  if (config.data.source !== RUN_SOURCE) return config;
  if (dir === undefined)
    throw new UserError(
      `The data source ${RUN_SOURCE} means the images in the run's own folder, but no run is named.`,
      `Name it with ${option("run")}, or give a folder of images.`,
    );
  return {
    ...config,
    data: { ...config.data, source: `run:${join(resolve(dir), RUN_SOURCE.slice("run:".length))}` },
  };
}

/** A path as a person would type it here: below the working folder without it, else in full. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") ? path : short;
}
