/**
 * All data sources. A new one is a file beside this one and a line in `SOURCES`.
 */
import { existsSync } from "node:fs";
import { nearest, UserError, unknownName } from "../../base/errors.ts";
import { archive } from "./archives/archive.node.ts";
import { folder } from "./folder.node.ts";
import { lmdb } from "./lmdb.node.ts";
import { parquet } from "./parquet/parquet.node.ts";
import { celebaHq } from "./published/celeba-hq.node.ts";
import { cifar10 } from "./published/cifar10.node.ts";
import { cifar100 } from "./published/cifar100.node.ts";
import { emoji } from "./published/emoji.node.ts";
import { fashionMnist, mnist } from "./published/mnist.node.ts";
import { stl10 } from "./published/stl10.node.ts";
import { runImages } from "./run-images.node.ts";
import type { SourceDefinition } from "./source.ts";

/** Every source, the default first, the one that takes any path last. */
export const SOURCES: readonly SourceDefinition[] = [
  emoji,
  cifar10,
  cifar100,
  stl10,
  mnist,
  fashionMnist,
  celebaHq,
  lmdb,
  parquet,
  runImages,
  archive,
  folder,
];

/** A source and the place it shall look at. */
export interface ResolvedSource {
  readonly definition: SourceDefinition;
  readonly location: string;
}

/**
 * What the user means by DATA: null or `emoji` the built-in images, `kind:PATH` a source by name,
 * anything else a file or a folder that one of the sources recognizes as its own, and failing that
 * a folder of images. A folder that exists wins over an unknown prefix, so names with a colon in
 * them work.
 * @throws UserError for an unknown kind, or a bare word that is no folder but nearly a source's
 * name
 */
export function resolveSource(source: string | null): ResolvedSource {
  if (source === null || source === emoji.name) return { definition: emoji, location: "" };
  if (source.trim() === "")
    throw new UserError(
      "The data source is empty.",
      `Give one of: ${SOURCES.map(({ usage }) => usage).join(", ")}; or leave it out.`,
    );
  // Two letters at least: C:\pictures is a folder.
  const prefix = /^([a-z][a-z0-9_-]+):(.*)$/is.exec(source);
  const prefixed = SOURCES.filter((definition) => definition.usage.includes(":"));
  const names = SOURCES.filter((definition) => definition === emoji || prefixed.includes(definition)).map(
    ({ name }) => name,
  );
  if (prefix) {
    const definition = prefixed.find(({ name }) => name === prefix[1]!.toLowerCase());
    if (definition) return { definition, location: prefix[2]! };
    if (prefix[1] === emoji.name)
      throw new UserError(`${emoji.name} takes no path.`, `Write ${emoji.name} alone.`);
    if (!existsSync(source)) throw unknownName("data source", prefix[1]!, names);
  }
  if (!existsSync(source) && !/[\\/]/.test(source)) {
    const bare = prefixed.find(({ name }) => name === source.toLowerCase());
    if (bare) return { definition: bare, location: "" };
    const near = nearest(source, names);
    if (near !== undefined)
      throw new UserError(
        `There is no folder ${source}, and no data source of that name.`,
        `Did you mean "${near}"?`,
      );
  }
  return { definition: SOURCES.find(({ recognizes }) => recognizes?.(source)) ?? folder, location: source };
}
