/**
 * A run as one file: its folder in a zip, with the images it is trained on in `images/`, cropped
 * and resized already, as PNG, which keeps them exactly. Unpacked, it is a run folder that `train
 * --run` goes on with (data/sources/run-images.node.ts reads the images); a browser opens it as it
 * is.
 *
 *     NAME/ config.json · metrics.jsonl · environment.json · checkpoints/ · samples/ · images/0000000.png … · images/labels.json
 */
import { decode } from "fast-png";
import { unzipSync, type Zippable, zipSync } from "fflate";
import { UserError } from "../../../base/errors.ts";
import { imageHash } from "../../../data/decode/image-hash.ts";
import { LABELS, RUN_IMAGES, readLabels, TAKE_AGAIN, writeLabels } from "../../../data/run-images.ts";
import { memoryStore } from "../../../data/store/memory-store.ts";
import { type ImageStore, imageBytes } from "../../../data/store/store.ts";
import { pngOf } from "../../sampling/png.ts";

/** The files of a run folder by their paths below it, with `/`. */
export type RunFiles = ReadonlyMap<string, Uint8Array>;

/** A run that was read from one file. */
export interface ArchivedRun {
  readonly name: string;
  readonly files: Map<string, Uint8Array>;
}

/** Larger archives are refused: browsers give one array no more. */
const MAX_BYTES = 2 ** 31 - 1;

/** Put a run into one file. What is compressed already is stored as it is. */
export function zipRun(name: string, files: RunFiles): Uint8Array {
  const entries: Zippable = {};
  for (const [path, bytes] of files)
    entries[`${name}/${path}`] = [bytes, { level: /\.(png|safetensors|onnx|gif)$/.test(path) ? 0 : 6 }];
  return zipSync(entries);
}

/**
 * Take a run out of one file.
 * @param where the file's name, for messages
 * @throws UserError when it is no zip file, is damaged or too large, or has no run in it
 */
export function unzipRun(bytes: Uint8Array, where: string): ArchivedRun {
  const entries = unzip(bytes, where);
  const files = runFilesIn(entries);
  if (!files)
    throw new UserError(
      `${where} has no run in it: there is no config.json.`,
      "Take a file saved by the playground or written by quarterturn bundle RUN.",
    );
  return files;
}

/**
 * The files in a zip, by their paths.
 * @throws UserError when it is no zip file, is damaged or too large
 */
export function unzip(bytes: Uint8Array, where: string): Map<string, Uint8Array> {
  let total = 0;
  try {
    const unpacked = unzipSync(bytes, {
      filter({ name, originalSize }) {
        total += originalSize;
        if (total > MAX_BYTES)
          throw new UserError(`${where} is too large to be unpacked here.`, "Unpack it and use the folder.");
        return !name.endsWith("/") && !/(^|\/)(__MACOSX|\.)/.test(name);
      },
    });
    return new Map(Object.entries(unpacked));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${where} is damaged or is no zip file${error instanceof Error ? `: ${error.message}` : ""}.`,
      "Save or copy it again.",
      { cause: error },
    );
  }
}

/** The run among files, at the top or in a folder of its own; undefined when there is none. */
export function runFilesIn(entries: RunFiles, name = "run"): ArchivedRun | undefined {
  const configs = [...entries.keys()].filter((path) => /(^|\/)config\.json$/.test(path));
  const config = configs.sort((a, b) => a.split("/").length - b.split("/").length)[0];
  if (config === undefined) return undefined;
  const folder = config.slice(0, -"config.json".length);
  const inside = [...entries].filter(([path]) => path.startsWith(folder));
  return {
    name: folder.split("/").at(-2) || name,
    files: new Map(inside.map(([path, bytes]) => [path.slice(folder.length), bytes])),
  };
}

/** Images as files below a run folder. */
export function imageFiles(store: ImageStore): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const { size, count, labels, classNames } = store;
  for (let i = 0; i < count; i++) {
    const pixels = new Uint8Array(imageBytes(size));
    store.read(i, pixels, 0);
    files.set(
      `${RUN_IMAGES}/${String(i).padStart(7, "0")}.png`,
      pngOf({ width: size, height: size, pixels }),
    );
  }
  if (labels && classNames) files.set(`${RUN_IMAGES}/${LABELS}`, writeLabels(labels, classNames));
  return files;
}

/**
 * The images among the files of a run.
 * @param size their side, as the run's configuration has it
 * @returns undefined when there are none
 * @throws UserError when one is damaged or of another size
 */
export function storeOfFiles(files: RunFiles, size: number): ImageStore | undefined {
  const paths = [...files.keys()].filter(
    (path) => path.startsWith(`${RUN_IMAGES}/`) && path.endsWith(".png"),
  );
  if (paths.length === 0) return undefined;
  const bytes = imageBytes(size);
  const images = new Uint8Array(paths.length * bytes);
  for (const [i, path] of paths.sort().entries())
    images.set(decodeRgb(files.get(path)!, size, path), i * bytes);
  const found = files.get(`${RUN_IMAGES}/${LABELS}`);
  const { labels, classNames } = found ? readLabels(found, paths.length) : {};
  return memoryStore({ images, size, labels, classNames, hash: imageHash(size, images, labels) });
}

/** The pixels of a PNG, [size, size, 3]. @throws UserError when it is damaged or of another size */
export function decodeRgb(png: Uint8Array, size: number, where: string): Uint8Array {
  let image: ReturnType<typeof decode>;
  try {
    image = decode(png);
  } catch (error) {
    throw new UserError(`${where} is damaged.`, TAKE_AGAIN, { cause: error });
  }
  const { width, height, channels, depth, data, palette } = image;
  if (width !== size || height !== size || channels !== 3 || depth !== 8 || palette)
    throw new UserError(`${where} is not an RGB image of ${size}×${size} pixels.`, TAKE_AGAIN);
  return data as Uint8Array;
}
