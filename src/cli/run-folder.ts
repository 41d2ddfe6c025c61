/** How the command line speaks of data and run folders. */
import { relative, resolve } from "node:path";
import { resolveSource } from "../data/index.node.ts";

/**
 * What the user typed for DATA in the one form that does not depend on the working folder, so that the same data is the same
 * configuration: null for the built-in images, an absolute path, or `kind:absolute path`.
 * @throws UserError for an unknown kind of data
 */
export function canonicalSource(typed: string | null): string | null {
  if (typed === null) return null;
  const { definition, location } = resolveSource(typed);
  if (definition === resolveSource(null).definition) return null;
  if (location === "") return typed;
  const path = resolve(location);
  return definition.usage.startsWith(`${definition.name}:`) ? `${definition.name}:${path}` : path;
}

/** A path as a person would type it here: below the working folder without it, else in full. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") ? path : short;
}
