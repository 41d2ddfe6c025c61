/**
 * Parquet files with images in them, as Hugging Face's Hub serves data sets: a column `image` or
 * `img` of {bytes, path} or of plain bytes, perhaps a column of labels. File names say which part
 * they are (`train-00000-of-00002.parquet`, `test/0000.parquet`). Reading is hyparquet's; row
 * groups are read whole, one after the other. https://huggingface.co/docs/hub/datasets-image
 */
import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../../../base/errors.ts";
import { decodeImage } from "../../decode/decode.node.ts";
import type { SkippedFile, Split } from "../../store/store.ts";
import { walkImages } from "../../walk.node.ts";
import { labeledNote } from "../labels/no-label.ts";
import { partWords } from "../part-names.ts";
import { cannotRead } from "../raw.node.ts";
import { type Listing, type ListRequest, type SourceDefinition, UnusableImage } from "../source.ts";
import { hashSplit, type Part } from "../split.ts";
import { openParquet, type ParquetFile } from "./parquet-file.node.ts";
import { readLabels } from "./parquet-labels.ts";

const WHERE = "Give a .parquet file with images in it, or a folder of such files.";

/** The source definition. */
export const parquet: SourceDefinition = {
  name: "parquet",
  usage: "parquet:PATH",
  description: "Parquet files with images in them (Hugging Face); PATH is a file or a folder of them",
  recognizes: (path) => path.toLowerCase().endsWith(".parquet"),
  list,
};

async function list({ location, split, unlabeled, onFound, signal }: ListRequest): Promise<Listing> {
  if (location === "") throw new UserError("parquet needs a path.", `Write parquet:PATH. ${WHERE}`);
  const top = resolve(location);
  const { folder, names, skipped } = await findFiles(top, signal);
  const chosen = chooseFiles(names, split);
  const files: ParquetFile[] = [];
  const others: ParquetFile[] = [];
  const close = async (): Promise<void> => {
    await Promise.all([...files, ...others].map((file) => file.close()));
  };
  try {
    for (const name of chosen.names) {
      signal?.throwIfAborted();
      files.push(await openParquet(join(folder, name), name, WHERE));
      onFound?.(files.reduce((sum, { rows }) => sum + rows, 0));
    }
    const rows = files.flatMap((file) => Array.from({ length: file.rows }, (_, row) => ({ file, row })));
    const paths = rows.map(({ file, row }) => `${file.name}#${row}`);
    const part: Part = chosen.note
      ? { indices: paths.map((_, index) => index), note: chosen.note }
      : hashSplit(paths, split, top);
    const column = files[0]!.labelColumn;
    if (column && !column.classNames)
      for (const name of names.filter((one) => !chosen.names.includes(one)))
        others.push(await openParquet(join(folder, name), name, WHERE));
    const labels = await readLabels(files, others, unlabeled);
    const own = labels.classNames && part.indices.map((index) => labels.values[index]!);
    return {
      name: basename(top),
      source: `parquet:${top}`,
      identity: files.map(({ name, fingerprint }) => `${join(folder, name)} ${fingerprint}`),
      paths: part.indices.map((index) => paths[index]!),
      skipped,
      notes: [part.note, ...labels.notes, ...labeledNote(own)],
      warnings: [],
      classNames: labels.classNames,
      async load(index, square) {
        const place = part.indices[index]!;
        const { file, row } = rows[place]!;
        const bytes = await file.image(row);
        if (!bytes) throw new UnusableImage("has no bytes in the file, at most a path to elsewhere");
        return decodeImage(bytes, square, paths[place]!);
      },
      label: (index) => own![index]!,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Files to read, by their names relative to `folder`, and those that cannot be read. */
interface Found {
  readonly folder: string;
  readonly names: readonly string[];
  readonly skipped: readonly SkippedFile[];
}

const isParquet = (path: string): boolean => path.toLowerCase().endsWith(".parquet");

/** The Parquet files in `top`, or `top` itself; sorted. */
async function findFiles(top: string, signal: AbortSignal | undefined): Promise<Found> {
  const failed = (error: unknown): never => {
    signal?.throwIfAborted();
    throw cannotRead(top, error, WHERE);
  };
  if (!(await stat(top).catch(failed)).isDirectory())
    return { folder: dirname(top), names: [basename(top)], skipped: [] };
  const kindOf = (path: string) => (isParquet(path) ? "image" : "other");
  const { files, skipped } = await walkImages(top, { signal, kindOf }).catch(failed);
  const names = files.filter(({ bytes }) => !bytes).map(({ path }) => path);
  const unnamed = files.filter(({ bytes }) => bytes);
  const reason = "its name is not UTF-8: give it another";
  const left = [...skipped, ...unnamed.map(({ path }) => ({ path, reason }))].filter(({ path }) =>
    isParquet(path),
  );
  if (names.length === 0)
    throw new UserError(
      `There are no .parquet files in ${top}${left[0] ? ` that can be read (${left[0].path}: ${left[0].reason})` : ""}.`,
      WHERE,
    );
  return { folder: top, names, skipped: left };
}

/** The files of a part by the words in their names; no note if the names do not divide them. */
function chooseFiles(
  names: readonly string[],
  split: Split,
): { names: readonly string[]; note: string | undefined } {
  const wordsOf = (name: string): string[] => name.toLowerCase().split(/[/._-]+/);
  const { train, test } = partWords(new Set(names.flatMap(wordsOf)));
  if (train === undefined || test === undefined || split === "all") return { names, note: undefined };
  const word = split === "test" ? test : train;
  return {
    names: names.filter((name) => wordsOf(name).includes(word)),
    note: `Split by file names: these are the files of "${word}", of "${train}" and "${test}".`,
  };
}
