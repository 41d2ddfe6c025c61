/**
 * CIFAR-10 (Krizhevsky 2009), binary version: records of one label byte and 3 × 1,024 bytes of red, green and blue,
 * 32×32, row by row. 50,000 training images in five files, 10,000 test images in one.
 * https://www.cs.toronto.edu/~kriz/cifar.html
 */
import { existsSync } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { resizePixels } from "../decode.node.ts";
import type { Split } from "../store.ts";
import type { Listing, ListRequest, SourceDefinition } from "./source.ts";

const SIDE = 32;
const PLANE = SIDE * SIDE;
const RECORD = 1 + 3 * PLANE;
const CLASSES = "airplane automobile bird cat deer dog frog horse ship truck".split(" ");
const TRAIN = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
const TEST = ["test_batch.bin"];
const FILES: Record<Split, readonly string[]> = { train: TRAIN, test: TEST, all: [...TRAIN, ...TEST] };
/** Images in each published file. */
const PUBLISHED = 10_000;
const WHERE =
  "Download cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html, unpack it, and give the folder it makes.";

/** The source definition. */
export const cifar10: SourceDefinition = {
  name: "cifar10",
  usage: "cifar10:PATH",
  description: "CIFAR-10, binary version, in the folder PATH",
  list,
};

async function list({ location, split, onFound }: ListRequest): Promise<Listing> {
  const top = resolve(location);
  const folder = [join(top, "cifar-10-batches-bin"), top].find((path) =>
    [...TRAIN, ...TEST].some((name) => existsSync(join(path, name))),
  );
  if (location === "" || folder === undefined) throw notThere(location, top);
  const parts = await Promise.all(FILES[split].map((name) => part(folder, name)));
  const starts: number[] = [];
  let count = 0;
  for (const { records } of parts) {
    starts.push(count);
    count += records;
  }
  onFound?.(count);

  const labels = new Uint8Array(count);
  const files = new Map<number, Promise<Buffer>>();
  const contents = (which: number): Promise<Buffer> => {
    // Images are asked for in order: two files at a time are enough to hold.
    files.delete(which - 2);
    const buffer = files.get(which) ?? readBatch(join(folder, parts[which]!.name));
    files.set(which, buffer);
    return buffer;
  };
  const place = (index: number): { which: number; record: number } => {
    const which = starts.findLastIndex((start) => start <= index);
    return { which, record: index - starts[which]! };
  };

  return {
    name: "CIFAR-10",
    source: `cifar10:${top}`,
    identity: [await realpath(folder), ...parts.map(({ name, fingerprint }) => `${name} ${fingerprint}`)],
    paths: Array.from({ length: count }, (_, i) => {
      const { which, record } = place(i);
      return `${parts[which]!.name}#${record}`;
    }),
    skipped: [],
    notes: [],
    warnings: parts
      .filter(({ records }) => records !== PUBLISHED)
      .map(({ name, records }) => `${name} has ${records} images where the published file has ${PUBLISHED}.`),
    classNames: await classNames(folder),
    async load(index, size) {
      const { which, record } = place(index);
      const bytes = (await contents(which)).subarray(record * RECORD, (record + 1) * RECORD);
      if (bytes[0]! >= CLASSES.length)
        throw new UserError(
          `${join(folder, parts[which]!.name)} is not a CIFAR-10 file: image ${record} has the label ${bytes[0]}.`,
          WHERE,
        );
      labels[index] = bytes[0]!;
      return {
        pixels: await resizePixels(interleave(bytes.subarray(1)), SIDE, SIDE, size),
        width: SIDE,
        height: SIDE,
      };
    },
    label: (index) => labels[index]!,
    close: async () => files.clear(),
  };
}

/** Planes of red, green and blue ([3, 32, 32]) to interleaved pixels ([32, 32, 3]). */
function interleave(planes: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(3 * PLANE);
  for (let i = 0; i < PLANE; i++)
    for (let channel = 0; channel < 3; channel++) pixels[3 * i + channel] = planes[channel * PLANE + i]!;
  return pixels;
}

interface Part {
  readonly name: string;
  readonly records: number;
  readonly fingerprint: string;
}

/** One file's number of records and fingerprint. */
async function part(folder: string, name: string): Promise<Part> {
  const path = join(folder, name);
  const info = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw new UserError(`CIFAR-10 is incomplete: ${path} cannot be read.`, WHERE, { cause: error });
  });
  const size = Number(info.size);
  if (size === 0 || size % RECORD !== 0)
    throw new UserError(
      `${path} is damaged or is not a CIFAR-10 file: ${size} bytes are not whole records of ${RECORD}.`,
      WHERE,
    );
  return { name, records: size / RECORD, fingerprint: `${size} ${info.mtimeNs} ${info.ctimeNs}` };
}

async function readBatch(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UserError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`, WHERE, {
      cause: error,
    });
  }
}

/** From `batches.meta.txt` if it is there and complete. */
async function classNames(folder: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, "batches.meta.txt"), "utf8").catch(() => "");
  const names = text.split(/\s+/).filter((name) => name !== "");
  return names.length === CLASSES.length ? names : CLASSES;
}

function notThere(location: string, top: string): UserError {
  if (location === "") return new UserError("cifar10 needs a path.", `Write cifar10:PATH. ${WHERE}`);
  if (existsSync(join(top, "data_batch_1")) || existsSync(join(top, "cifar-10-batches-py")))
    return new UserError(`${top} holds CIFAR-10 in its Python version; the binary version is needed.`, WHERE);
  return new UserError(`There is no CIFAR-10 in ${top}: no data_batch_1.bin.`, WHERE);
}
