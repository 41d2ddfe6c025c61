/**
 * The folders, files and links of an archive as they would be after unpacking it, without
 * unpacking: links are followed inside the archive and nowhere else. What is found, and in which
 * order links to folders are followed, is as `walkImages` has it on the disk, so that an archive
 * and the folder it makes are the same set of images.
 */

import { extname } from "node:path";
import { formatBytes } from "../../../base/text/format/index.ts";
import { countProgress } from "../../progress.ts";
import { compare, imageKind, isHidden } from "../../walk.node.ts";
import { isMetadata } from "../labels/metadata-names.ts";
import type { SetFile } from "../published/image-set.node.ts";
import type { SetTree, SetWalk } from "../survey.node.ts";
import { type ArchiveEntry, MAXIMUM_ENTRY } from "./archive-limits.ts";

/** More links than this, one after the other, lead in a circle (as on Linux). */
const MAXIMUM_LINKS = 40;
/** What a path may have at most, as on Linux; anything longer cannot be unpacked. */
const MAXIMUM_PATH = 4096;

const CIRCLE = "a link that leads in a circle";
const NOWHERE = "a link that leads nowhere, or a file that vanished";
const OUT = "a link that leads out of the archive";

interface Folder {
  readonly kind: "folder";
  readonly inside: Map<string, Node>;
}
type Node =
  | Folder
  | { readonly kind: "file"; readonly place: number }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "broken"; readonly reason: string };

/** An image in an archive. */
export interface ArchivedFile extends SetFile {
  /** Place among the archive's entries of what it is or leads to. */
  readonly place: number;
}

/** The tree of an archive. */
export interface ArchiveTree extends SetTree<ArchivedFile> {
  /** Entries that have no place in it, by the path the archive has, and why. */
  readonly outside: readonly { readonly path: string; readonly reason: string }[];
  /**
   * Place among the entries of the file at a path from the top, links followed; undefined if there
   * is none.
   */
  find(path: string): number | undefined;
}

/** The tree of these entries. Of two with one path the later one counts, as when unpacking. */
export function archiveTree(entries: readonly ArchiveEntry[]): ArchiveTree {
  const top = newFolder();
  const outside: { path: string; reason: string }[] = [];
  const waiting: { readonly words: readonly string[]; readonly target: readonly string[] }[] = [];
  for (const [place, entry] of entries.entries()) {
    countProgress();
    const words = wordsOf(entry.path);
    if (words === undefined || words.join("/").length > MAXIMUM_PATH) {
      const reason = words ? "its path is too long" : "its path leads out of the archive";
      outside.push({ path: entry.path, reason });
      continue;
    }
    if (words.length === 0) continue;
    if (entry.kind === "folder") folderAt(top, words);
    else if (entry.kind === "symbolic link") put(top, words, { kind: "link", target: entry.target });
    else if (entry.kind === "file") put(top, words, { kind: "file", place });
    else {
      const target = wordsOf(entry.target);
      if (!target) put(top, words, { kind: "broken", reason: OUT });
      else if (!putCopy(top, words, target)) waiting.push({ words, target });
    }
  }
  // Hard links to what comes later, and to one another.
  for (let left = waiting; left.length > 0; ) {
    const still = left.filter(({ words, target }) => !putCopy(top, words, target));
    if (still.length === left.length) {
      for (const { words } of still) put(top, words, { kind: "broken", reason: NOWHERE });
      break;
    }
    left = still;
  }
  return {
    outside,
    find: (path) => {
      const found = resolvePath(top, [top], path.split("/"));
      return typeof found !== "string" && found.node.kind === "file" ? found.node.place : undefined;
    },
    subfolders: async (folder) => {
      const chain = folderNamed(top, folder) ?? [];
      return [...(chain.at(-1)?.inside ?? [])]
        .filter(([name, node]) => !isHidden(name) && isFolder(top, chain, node))
        .map(([name]) => name);
    },
    walk: async (folder) => walkTree(top, folder, entries),
  };
}

const newFolder = (): Folder => ({ kind: "folder", inside: new Map() });

/**
 * The names on a path from the top; undefined if it leads out: absolute, with a drive letter, or
 * with `..` in it.
 */
function wordsOf(path: string): string[] | undefined {
  if (path.startsWith("/") || /^[a-z]:/i.test(path)) return undefined;
  if (path.split(/[\\/]/).includes("..")) return undefined;
  return path.split("/").filter((word) => word !== "" && word !== ".");
}

/** The folder at `words`, made where it is not there. */
function folderAt(top: Folder, words: readonly string[]): Folder {
  let folder = top;
  for (const word of words) {
    let next = folder.inside.get(word);
    if (next?.kind !== "folder") {
      next = newFolder();
      folder.inside.set(word, next);
    }
    folder = next;
  }
  return folder;
}

function put(top: Folder, words: readonly string[], node: Node): void {
  folderAt(top, words.slice(0, -1)).inside.set(words.at(-1)!, node);
}

/** Gives what is at `target` the name `words` as well; false if nothing is there. */
function putCopy(top: Folder, words: readonly string[], target: readonly string[]): boolean {
  let node: Node | undefined = top;
  for (const word of target) node = node?.kind === "folder" ? node.inside.get(word) : undefined;
  if (node === undefined || node.kind === "folder") return false;
  put(top, words, node);
  return true;
}

/** Where a path leads: what is there, and the folders from the top to it. */
interface Resolved {
  readonly node: Node;
  /** Folders from the top; of a folder the last is itself. */
  readonly chain: readonly Folder[];
}

/**
 * Follows `words` from the last folder of `chain`, links among them; a reason where they lead to
 * nothing.
 */
function resolvePath(
  top: Folder,
  chain: readonly Folder[],
  words: readonly string[],
  links = { left: MAXIMUM_LINKS },
): Resolved | string {
  let at: Resolved = { node: chain.at(-1)!, chain };
  for (const word of words) {
    if (at.node.kind !== "folder") return NOWHERE;
    if (word === "" || word === ".") continue;
    if (word === "..") {
      if (at.chain.length === 1) return OUT;
      const up = at.chain.slice(0, -1);
      at = { node: up.at(-1)!, chain: up };
      continue;
    }
    const next = at.node.inside.get(word);
    if (!next) return NOWHERE;
    const found = follow(top, at.chain, next, links);
    if (typeof found === "string") return found;
    at = found;
  }
  return at;
}

/** What `node`, which lies in the last folder of `chain`, is once links are followed. */
function follow(
  top: Folder,
  chain: readonly Folder[],
  node: Node,
  links = { left: MAXIMUM_LINKS },
): Resolved | string {
  if (node.kind === "folder") return { node, chain: [...chain, node] };
  if (node.kind !== "link") return { node, chain };
  if (links.left-- === 0) return CIRCLE;
  if (node.target === "") return NOWHERE;
  if (node.target.startsWith("/") || /^[a-z]:[\\/]/i.test(node.target)) return OUT;
  if (node.target.length > MAXIMUM_PATH) return NOWHERE;
  return resolvePath(top, chain, node.target.split("/"), links);
}

function isFolder(top: Folder, chain: readonly Folder[], node: Node): boolean {
  const found = follow(top, chain, node);
  return typeof found !== "string" && found.node.kind === "folder";
}

/** A folder by its path from the top, links followed, and those around it, from the top. */
function folderNamed(top: Folder, path: string): readonly Folder[] | undefined {
  const found = resolvePath(top, [top], path.split("/"));
  return typeof found !== "string" && found.node.kind === "folder" ? found.chain : undefined;
}

/** What is below `folder`, in the order of the entries. */
function walkTree(top: Folder, folder: string, entries: readonly ArchiveEntry[]): SetWalk<ArchivedFile> {
  const files: ArchivedFile[] = [];
  const skipped: { path: string; reason: string }[] = [];
  const [tables, runFolders, otherExtensions] = [[] as string[], [] as string[], new Set<string>()];
  const visited = new Set<Folder>();

  const visitFile = (path: string, place: number): void => {
    if (isMetadata(path)) tables.push(path);
    const kind = imageKind(path);
    if (kind === "other") {
      otherExtensions.add(extname(path).toLowerCase() || "no extension");
      return;
    }
    countProgress();
    const entry = entries[place]!;
    const reason =
      (entry.kind === "file" ? entry.problem : undefined) ??
      (kind === "image" ? undefined : kind.reason) ??
      (entry.size > MAXIMUM_ENTRY
        ? `${formatBytes(entry.size)} unpacked: too large for an image`
        : undefined);
    if (reason === undefined) files.push({ path, place, fingerprint: String(entry.size) });
    else skipped.push({ path, reason });
  };

  const skip = (path: string, reason: string): void => {
    // A link that leads nowhere may have led to a folder, unless it is called like another kind of
    // file.
    if (reason !== NOWHERE || extname(path) === "" || imageKind(path) !== "other")
      skipped.push({ path, reason });
  };

  const visitFolder = (path: string, chain: readonly Folder[]): void => {
    const own = chain.at(-1)!;
    if (visited.has(own)) return;
    visited.add(own);
    if (path !== "" && own.inside.has("metrics.jsonl") && own.inside.has("config.json")) {
      runFolders.push(path);
      return;
    }
    const nodes = [...own.inside].filter(([name]) => !isHidden(name)).sort(([a], [b]) => compare(a, b));
    for (const [name, node] of nodes) {
      const full = path === "" ? name : `${path}/${name}`;
      const found = follow(top, chain, node);
      if (typeof found === "string") skip(full, found);
      else if (found.node.kind === "broken") skip(full, found.node.reason);
      else if (found.node.kind === "folder") visitFolder(full, found.chain);
      else if (found.node.kind === "file") visitFile(full, found.node.place);
    }
  };

  const start = folderNamed(top, folder);
  if (start) visitFolder("", start);
  // A tar file is read from its beginning: in the order of what links lead to, it is read once.
  files.sort((a, b) => a.place - b.place || compare(a.path, b.path));
  skipped.sort((a, b) => compare(a.path, b.path));
  return {
    files,
    skipped,
    tables: tables.sort(compare),
    runFolders: runFolders.sort(compare),
    otherExtensions,
  };
}
