/**
 * Archives of images, `.zip`, `.tar` and `.tar.gz`, given by their path. They are read where they
 * are and never unpacked to the disk; folders inside mean the same as in a real folder. A folder
 * around everything, as most archives have, is passed over.
 */
import { statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { UserError } from "../../../base/errors.ts";
import { decodeImage } from "../../decode/decode.node.ts";
import type { Square } from "../../decode/preprocessing.ts";
import { imageKind } from "../../walk.node.ts";
import { type FoundTable, MAXIMUM_TABLE, TABLE_TOO_LARGE } from "../labels/metadata.ts";
import { listImageSet } from "../published/image-set.node.ts";
import { fileState } from "../raw.node.ts";
import type { Listing, ListRequest, SourceDefinition } from "../source.ts";
import { surveySet } from "../survey.node.ts";
import type { OpenArchive } from "./archive-limits.ts";
import { archiveTree } from "./archive-tree.node.ts";
import { openTar } from "./tar.node.ts";
import { openZip } from "./zip.node.ts";

const HINT =
  "Check that the archive is whole, for example by unpacking it; the folder it makes can be given as well.";

/** The source definition. */
export const archive: SourceDefinition = {
  name: "archive",
  usage: "FILE.zip",
  description: "images in a .zip, .tar or .tar.gz file",
  // A folder may be called like one: macOS's Archive Utility makes such.
  recognizes: (path) =>
    /\.(zip|tar|tar\.gz|tgz)$/i.test(path) &&
    statSync(path, { throwIfNoEntry: false })?.isDirectory() === false,
  list,
};

async function list({ location, split, unlabeled, onFound, signal }: ListRequest): Promise<Listing> {
  const path = resolve(location);
  const { fingerprint } = await fileState(path, HINT);
  const opened = await (/\.zip$/i.test(path) ? openZip : openTar)(path, { hint: HINT, onFound, signal });
  try {
    const tree = archiveTree(opened.entries);
    const found = await surveySet(tree, split);
    const lost = tree.outside.filter((one) => imageKind(one.path) !== "other");
    const survey = { ...found, own: { ...found.own, skipped: [...found.own.skipped, ...lost] } };
    const { files, skipped, runFolders } = survey.own;
    if (files.length + skipped.length === 0) throw noImages(path, survey.own.otherExtensions);
    const tables: FoundTable[] = [];
    for (const name of survey.tables) {
      const place = tree.find(name);
      if (place !== undefined) tables.push({ path: name, contents: await readTable(opened, place) });
    }
    const set = {
      name: basename(path),
      source: path,
      identity: [await realpath(path), fingerprint],
      survey,
      tables,
      notes: runFolders.length > 0 ? [`Left out folders of training runs: ${runFolders.join(", ")}.`] : [],
      load: async (index: number, square: Square) =>
        decodeImage(await opened.read(files[index]!.place), square, files[index]!.path),
      close: opened.close,
    };
    return listImageSet(set, split, unlabeled);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** What is in the table at `place`, or why it cannot be read. */
async function readTable(opened: OpenArchive, place: number): Promise<FoundTable["contents"]> {
  const entry = opened.entries[place]!;
  if (entry.kind === "file" && entry.problem !== undefined) return `cannot be read (${entry.problem})`;
  return entry.size > MAXIMUM_TABLE ? TABLE_TOO_LARGE : opened.table(place);
}

function noImages(path: string, otherExtensions: ReadonlySet<string>): UserError {
  const kinds = [...otherExtensions];
  return new UserError(
    kinds.length === 0
      ? `${path} is empty.`
      : `${path} has no images in it, only other files (${kinds.sort().slice(0, 8).join(", ")}).`,
    "Images are found by their names: .jpg .jpeg .png .webp .gif .tif .tiff .avif .svg, in folders as well.",
  );
}
