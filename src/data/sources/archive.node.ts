/**
 * Archives of images, `.zip`, `.tar` and `.tar.gz`, given by their path. They are read where they are and never unpacked to the disk;
 * folders inside mean the same as in a real folder. A folder around everything, as most archives have, is passed over.
 */
import { statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { decodeImage } from "../decode.node.ts";
import type { Square } from "../preprocessing.ts";
import type { SkippedFile } from "../store.ts";
import { imageKind, isHidden } from "../walk.node.ts";
import { leadsOut, MAXIMUM_ENTRY, type OpenArchive } from "./archive-limits.ts";
import { listImageSet } from "./image-set.node.ts";
import { readMetadata } from "./metadata.node.ts";
import { fileState } from "./raw.node.ts";
import type { Listing, ListRequest, SourceDefinition } from "./source.ts";
import { openTar } from "./tar.node.ts";
import { classFolder, divisionOf, folderOf, otherFolder, tableFolders } from "./tree.ts";
import { openZip } from "./zip.node.ts";

const HINT =
  "Check that the archive is whole, for example by unpacking it; the folder it makes can be given as well.";

/** The source definition. */
export const archive: SourceDefinition = {
  name: "archive",
  usage: "FILE.zip",
  description: "images in a .zip, .tar or .tar.gz file",
  // A folder may be called like one: macOS's Archive Utility makes such.
  recognises: (path) =>
    /\.(zip|tar|tar\.gz|tgz)$/i.test(path) &&
    statSync(path, { throwIfNoEntry: false })?.isDirectory() === false,
  list,
};

async function list({ location, split, onFound, signal }: ListRequest): Promise<Listing> {
  const path = resolve(location);
  const { fingerprint } = await fileState(path, HINT);
  const opened = await (/\.zip$/i.test(path) ? openZip : openTar)(path, { hint: HINT, onFound, signal });
  try {
    const all = opened.entries.map(({ path: name }, place) => ({
      name: name.replace(/^(\.\/)+/, ""),
      place,
    }));
    const inside = all.filter(({ name }) => !leadsOut(name));
    const visible = inside.filter(({ name }) => !name.split("/").some(isHidden));
    const wrapper = commonFolder(visible.map(({ name }) => name));
    const division = divisionOf(visible.map(({ name }) => name.slice(wrapper.length).split("/")[0]!));
    const part = folderOf(division, split);
    const root = part === undefined ? wrapper : `${wrapper}${part}/`;
    const inPart = visible
      .filter(({ name }) => name.startsWith(root))
      .map(({ name, place }) => ({ path: name.slice(root.length), place }));
    const { files, skipped } = sortOut(inPart, opened);
    for (const { name } of all)
      if (leadsOut(name) && imageKind(name) !== "other")
        skipped.push({ path: name, reason: "its path leads out of the archive" });
    if (files.length + skipped.length === 0) throw noImages(path, inPart);
    const other = otherFolder(division, split);
    const elsewhere = other === undefined ? undefined : `${wrapper}${other}/`;
    const readText = async (name: string): Promise<string | undefined> => {
      const entry = visible.find((one) => one.name === `${wrapper}${name}`);
      if (!entry) return undefined;
      if (opened.entries[entry.place]!.size > MAXIMUM_ENTRY)
        throw new UserError(`${path}: ${name} is larger than any table of labels.`, HINT);
      return opened.text(entry.place);
    };
    const set = {
      name: basename(path),
      source: path,
      identity: [await realpath(path), fingerprint],
      files,
      skipped,
      notes: [],
      division,
      metadata: await readMetadata(tableFolders(division, split), readText, path),
      classesElsewhere: visible
        .filter(({ name }) => elsewhere !== undefined && name.startsWith(elsewhere))
        .map(({ name }) => classFolder(name.slice(elsewhere!.length)))
        .filter((name) => name !== undefined),
      load: async (index: number, square: Square) =>
        decodeImage(await opened.read(files[index]!.place), square, files[index]!.path),
      close: opened.close,
    };
    return listImageSet(set, split);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

interface Placed {
  readonly path: string;
  /** Place among the archive's entries. */
  readonly place: number;
}

/** The images among `entries`, and those that cannot be used. */
function sortOut(
  entries: readonly Placed[],
  { entries: all }: OpenArchive,
): { files: (Placed & { fingerprint: string })[]; skipped: SkippedFile[] } {
  const files: (Placed & { fingerprint: string })[] = [];
  const skipped: SkippedFile[] = [];
  for (const { path, place } of entries) {
    const kind = imageKind(path);
    if (kind === "other") continue;
    const { size, problem } = all[place]!;
    const reason =
      problem ??
      (kind === "image" ? undefined : kind.reason) ??
      (size > MAXIMUM_ENTRY ? `${Math.ceil(size / 1e6)} MB unpacked: too large for an image` : undefined);
    if (reason === undefined) files.push({ path, place, fingerprint: String(size) });
    else skipped.push({ path, reason });
  }
  return { files, skipped };
}

/** The folders around everything, with a slash at the end. */
function commonFolder(names: readonly string[]): string {
  let common = "";
  for (;;) {
    const firsts = new Set(names.map((name) => name.slice(common.length).split("/")[0]!));
    const [first] = firsts;
    if (firsts.size !== 1 || names.some((name) => name === `${common}${first}`)) return common;
    common = `${common}${first}/`;
  }
}

function noImages(path: string, entries: readonly Placed[]): UserError {
  const kinds = [...new Set(entries.map((entry) => extname(entry.path).toLowerCase() || "no extension"))];
  return new UserError(
    kinds.length === 0
      ? `${path} is empty.`
      : `${path} has no images in it, only other files (${kinds.sort().slice(0, 8).join(", ")}).`,
    "Images are found by their names: .jpg .jpeg .png .webp .gif .tif .tiff .avif .svg, in folders as well.",
  );
}
