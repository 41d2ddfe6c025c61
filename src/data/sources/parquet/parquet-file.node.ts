/**
 * One Parquet file with a column of images: finds that column and the one with labels, and reads
 * rows. A row group is the smallest part that is read, and the last two are kept, so reading in
 * order reads everything once.
 */
import type { FileHandle } from "node:fs/promises";
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { z } from "zod";
import { UserError } from "../../../base/errors.ts";
import { openPlain } from "../../plain-file.node.ts";
import { cannotRead, fileState, recent } from "../raw.node.ts";

/** Usual names of the columns, best first. */
const IMAGE_NAMES = ["image", "img"];
const LABEL_NAMES = ["label", "labels", "fine_label", "class"];

/** A file's column of labels. */
export interface LabelColumn {
  readonly name: string;
  /** Names of the classes, if the file brings them. */
  readonly classNames: readonly string[] | undefined;
}

/** An open file. */
export interface ParquetFile {
  readonly name: string;
  readonly rows: number;
  readonly fingerprint: string;
  readonly labelColumn: LabelColumn | undefined;
  /** The encoded image of a row, or undefined if it is not in the file. */
  image(row: number): Promise<Uint8Array | undefined>;
  /** All values of a column. */
  column(name: string): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

/**
 * Opens the file at `path`.
 * @param hint what to do if it is not what it should be
 * @throws UserError if it is no Parquet file or has no column of images
 */
export async function openParquet(path: string, name: string, hint: string): Promise<ParquetFile> {
  const { size, fingerprint } = await fileState(path, hint);
  const handle = await openPlain(path).catch((error: unknown) => {
    throw cannotRead(path, error, hint);
  });
  const damaged = (error: unknown): UserError =>
    new UserError(
      `${path} is damaged or is no Parquet file: ${error instanceof Error ? error.message : String(error)}.`,
      hint,
      { cause: error },
    );
  try {
    const file = bufferOf(handle, size);
    const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
      throw damaged(error);
    });
    const columns = parquetSchema(metadata).children.map(({ element, children }) => ({
      name: element.name,
      type: element.type,
      hasBytes: children.some((child) => child.element.name === "bytes"),
    }));
    const image = imageColumn(columns);
    if (image === undefined)
      throw new UserError(
        `${path} has no column of images, only ${columns.map((column) => column.name).join(", ") || "nothing"}.`,
        `The images must be in a column "image" or "img", as bytes or as {bytes, path}. ${hint}`,
      );
    const groups = rowGroups(metadata);
    const read = (names: string[], from: number, to: number): Promise<Record<string, unknown>[]> =>
      parquetReadObjects({
        file,
        metadata,
        columns: names,
        rowStart: from,
        rowEnd: to,
        compressors,
        utf8: false,
      }).catch((error: unknown) => {
        throw damaged(error);
      });
    const group = recent(2, (which: number) => read([image], groups[which]!.from, groups[which]!.to));
    return {
      name,
      rows: Number(metadata.num_rows),
      fingerprint,
      labelColumn: labelColumn(metadata, columns),
      async image(row) {
        const which = groups.findLastIndex(({ from }) => from <= row);
        return bytesOf((await group(which))[row - groups[which]!.from]?.[image]);
      },
      column: async (column) =>
        (await read([column], 0, Number(metadata.num_rows))).map((values) => values[column]),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function bufferOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start);
      let done = 0;
      while (done < bytes.length) {
        const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
        if (bytesRead === 0) throw new Error("it ends too early");
        done += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

function rowGroups(metadata: FileMetaData): { from: number; to: number }[] {
  let from = 0;
  return metadata.row_groups.map(({ num_rows }) => {
    const group = { from, to: from + Number(num_rows) };
    from = group.to;
    return group;
  });
}

interface Column {
  readonly name: string;
  /** Undefined for a group of columns. */
  readonly type: string | undefined;
  readonly hasBytes: boolean;
}

/** The column with images: by name, else the only one of {bytes, path}. */
function imageColumn(columns: readonly Column[]): string | undefined {
  const named = IMAGE_NAMES.find((name) =>
    columns.some((column) => column.name === name && (column.hasBytes || column.type === "BYTE_ARRAY")),
  );
  const groups = columns.filter(({ hasBytes }) => hasBytes);
  return named ?? (groups.length === 1 ? groups[0]!.name : undefined);
}

function bytesOf(value: unknown): Uint8Array | undefined {
  const inner = typeof value === "object" && value !== null && "bytes" in value ? value.bytes : value;
  return inner instanceof Uint8Array ? inner : undefined;
}

/** What Hugging Face writes about the columns into the file. */
const featuresSchema = z.object({
  info: z.object({
    features: z.record(
      z.string(),
      z.looseObject({ _type: z.string().optional(), names: z.array(z.string()).optional() }),
    ),
  }),
});

/** The column with labels: one that the file says is of classes, else one with a usual name. */
function labelColumn(metadata: FileMetaData, columns: readonly Column[]): LabelColumn | undefined {
  const features = featuresOf(metadata);
  const order = [...LABEL_NAMES, ...Object.keys(features)];
  const known = columns.filter(({ type }) => type !== undefined).map(({ name }) => name);
  const isClass = (name: string): boolean => features[name]?._type === "ClassLabel";
  const name =
    order.find((one) => known.includes(one) && isClass(one)) ??
    LABEL_NAMES.find((one) => known.includes(one));
  return name === undefined ? undefined : { name, classNames: features[name]?.names };
}

function featuresOf(metadata: FileMetaData): z.infer<typeof featuresSchema>["info"]["features"] {
  const text = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
  if (text === undefined) return {};
  try {
    const parsed = featuresSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.info.features : {};
  } catch {
    // It only adds names: without it the columns still speak for themselves.
    return {};
  }
}
