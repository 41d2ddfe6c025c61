/**
 * CIFAR-10 and CIFAR-100 (Krizhevsky 2009) in both published forms: "binary" (records of one or two
 * label bytes and 3 × 1,024 bytes of red, green and blue, 32×32, row by row) and "python" (pickles
 * of a dictionary with the same bytes as an array). https://www.cs.toronto.edu/~kriz/cifar.html
 */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../../../base/errors.ts";
import { PickleError } from "../../../base/pickle/values.ts";
import { NumpyArray, type PlainValue, textOf, unpickle } from "../../formats/numpy-pickle.ts";
import { readPlain } from "../../plain-file.node.ts";
import type { Split } from "../../store/store.ts";
import { cannotRead, fileState, interleave, listRaw, type RawPart, recent, recordFile } from "../raw.node.ts";
import type { Listing, ListRequest, SourceDefinition } from "../source.ts";

const SIDE = 32;
const PIXELS = 3 * SIDE * SIDE;
/**
 * Bytes of a pickle, and of the file with the names of the classes: more make no sense (CIFAR-100's
 * is 155 MB).
 */
const MAXIMUM_BATCH = 1 << 30;
const MAXIMUM_NAMES = 1 << 20;

/** One of the two data sets. */
export interface Cifar {
  readonly name: string;
  readonly title: string;
  /** Names of the classes, used where the folder does not bring them. */
  readonly classNames: readonly string[];
  /** Bytes before the pixels of a binary record; the last of them is the label. */
  readonly labelBytes: number;
  /** Images of each published file. */
  readonly published: Readonly<Record<Part, number>>;
  readonly binary: Form;
  readonly python: Form & { readonly labels: string; readonly names: string };
  /** What tells the other data set's files from these, by their number of bytes a record. */
  readonly other: { readonly title: string; readonly name: string; readonly labelBytes: number };
}

type Part = "train" | "test";

/** Where a form's files are. */
interface Form {
  /** The folder that the published archive makes. */
  readonly folder: string;
  readonly archive: string;
  readonly files: Readonly<Record<Part, readonly string[]>>;
  /** The file with the names of the classes. */
  readonly meta: string;
}

/** The source for one of the two data sets. */
export function cifarSource(cifar: Cifar): SourceDefinition {
  const { name, title, binary, python } = cifar;
  return {
    name,
    usage: `${name}:PATH`,
    description: `${title}, binary or Python version, in the folder PATH`,
    recognizes: (path) => {
      const form = formIn(path, cifar);
      // CIFAR-100's files have plain names: without the one with the class names they could be anything.
      return form !== undefined && existsSync(join(form.folder, (form.isBinary ? binary : python).meta));
    },
    list: (request) => list(request, cifar),
  };
}

async function list({ location, split, onFound }: ListRequest, cifar: Cifar): Promise<Listing> {
  const { name, title, published } = cifar;
  const top = resolve(location);
  if (location === "") throw new UserError(`${name} needs a path.`, `Write ${name}:PATH. ${hintFor(cifar)}`);
  const form = formIn(top, cifar);
  if (!form)
    throw new UserError(`There is no ${title} in ${top}: no ${cifar.binary.files.train[0]}.`, hintFor(cifar));
  const { folder, isBinary } = form;
  const read = isBinary ? binaryPart : pythonPart;
  const parts: (RawPart & { expected: number })[] = [];
  for (const part of partsOf(split))
    for (const file of (isBinary ? cifar.binary : cifar.python).files[part])
      parts.push({ ...(await read(folder, file, cifar)), expected: published[part] });
  onFound?.(parts.reduce((sum, { count }) => sum + count, 0));
  return listRaw({
    name: title,
    source: `${name}:${top}`,
    identity: [await realpath(folder)],
    notes: [splitNote(split)],
    warnings: parts
      .filter(({ count, expected }) => count !== expected)
      .map(
        ({ name: file, count, expected }) =>
          `${file} has ${count} images where the published file has ${expected}.`,
      ),
    classNames: (await (isBinary ? textNames : pickledNames)(folder, cifar)) ?? cifar.classNames,
    side: SIDE,
    parts,
  });
}

function partsOf(split: Split): readonly Part[] {
  if (split === "all") return ["train", "test"];
  return [split === "test" ? "test" : "train"];
}

/** The sentence about the split of a set that is published in two parts. */
export function splitNote(split: Split): string {
  return split === "all"
    ? "All images, the published training and test parts together."
    : `The published ${split} part.`;
}

/**
 * The folder with the files, `top` itself or the one its archive makes, and which form they are in.
 */
function formIn(top: string, { binary, python }: Cifar): { folder: string; isBinary: boolean } | undefined {
  for (const [form, isBinary] of [
    [binary, true],
    [python, false],
  ] as const) {
    const files = [...form.files.train, ...form.files.test];
    const folder = [join(top, form.folder), top].find((path) =>
      files.some((file) => existsSync(join(path, file))),
    );
    if (folder !== undefined) return { folder, isBinary };
  }
  return undefined;
}

async function binaryPart(folder: string, name: string, cifar: Cifar): Promise<RawPart> {
  const path = join(folder, name);
  const record = cifar.labelBytes + PIXELS;
  const { size, fingerprint } = await stateOf(path, cifar);
  if (size === 0 || size % record !== 0)
    throw new UserError(
      `${path} is damaged or is not a ${cifar.title} file: ${size} bytes are not whole records of ${record}.`,
      size > 0 && size % (cifar.other.labelBytes + PIXELS) === 0
        ? `It may be ${cifar.other.title}: write ${cifar.other.name}:PATH.`
        : hintFor(cifar),
    );
  const file = recordFile(path, record, 0, hintFor(cifar));
  return {
    name,
    count: size / record,
    fingerprint,
    async read(index) {
      const bytes = await file.read(index);
      const label = bytes[cifar.labelBytes - 1]!;
      checkLabel(label, index, path, cifar);
      return { label, pixels: interleave(bytes.subarray(cifar.labelBytes)) };
    },
    close: file.close,
  };
}

function stateOf(path: string, cifar: Cifar): ReturnType<typeof fileState> {
  return fileState(path, hintFor(cifar)).catch((error: UserError) => {
    throw new UserError(`${cifar.title} is incomplete: ${error.marked.message}`, error.marked.hint, {
      cause: error,
    });
  });
}

async function pythonPart(folder: string, name: string, cifar: Cifar): Promise<RawPart> {
  const path = join(folder, name);
  const { fingerprint } = await stateOf(path, cifar);
  const { labels } = await readBatch(path, cifar);
  // What was read for the number of images is let go: all files at once are 180 MB.
  const batch = recent(1, () => readBatch(path, cifar));
  return {
    name,
    count: labels.length,
    fingerprint,
    async read(index) {
      const { labels: own, data } = await batch(0);
      const label = own[index]!;
      checkLabel(label, index, path, cifar);
      return { label, pixels: interleave(data.subarray(index * PIXELS, (index + 1) * PIXELS)) };
    },
  };
}

/** A pickled batch: [n] labels and [n, 3072] pixels. */
async function readBatch(
  path: string,
  cifar: Cifar,
): Promise<{ labels: readonly number[]; data: Uint8Array }> {
  const values = await readPickle(path, cifar);
  const { labels: key } = cifar.python;
  const labels = values.get(key);
  const data = values.get("data");
  const wrong = (what: string): UserError =>
    new UserError(`${path} is not a ${cifar.title} file: ${what}.`, hintFor(cifar));
  if (!Array.isArray(labels) || !labels.every((label): label is number => typeof label === "number"))
    throw wrong(`it has no list "${key}" (it has ${[...values.keys()].join(", ") || "nothing"})`);
  if (
    !(data instanceof NumpyArray) ||
    data.dtype !== "u1" ||
    data.shape[1] !== PIXELS ||
    data.shape.length !== 2
  )
    throw wrong(`its "data" is not an array of bytes, N × ${PIXELS}`);
  if (labels.length !== data.shape[0]) throw wrong(`${labels.length} labels for ${data.shape[0]} images`);
  return { labels, data: data.data };
}

async function readPickle(path: string, cifar: Cifar): Promise<ReadonlyMap<string, PlainValue>> {
  const bytes = await readPlain(path, MAXIMUM_BATCH).catch((error: unknown) => {
    throw cannotRead(path, error, hintFor(cifar));
  });
  try {
    const value = unpickle(bytes);
    if (value instanceof Map) return value;
    throw new PickleError("holds no dictionary");
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    throw new UserError(
      `${path} is damaged or is not a ${cifar.title} file: it ${error.message}.`,
      hintFor(cifar),
      {
        cause: error,
      },
    );
  }
}

function checkLabel(label: number, index: number, path: string, cifar: Cifar): void {
  if (!Number.isInteger(label) || label < 0 || label >= cifar.classNames.length)
    throw new UserError(
      `${path} is not a ${cifar.title} file: image ${index} has the label ${label}.`,
      hintFor(cifar),
    );
}

/** From the text file of the binary version, if it is there and complete. */
async function textNames(folder: string, cifar: Cifar): Promise<readonly string[] | undefined> {
  const bytes = await readPlain(join(folder, cifar.binary.meta), MAXIMUM_NAMES).catch(() => undefined);
  const text = bytes?.toString("utf8") ?? "";
  const names = text.split(/\s+/).filter((name) => name !== "");
  return names.length === cifar.classNames.length ? names : undefined;
}

/** From the pickle of the Python version, if it is there. */
async function pickledNames(folder: string, cifar: Cifar): Promise<readonly string[] | undefined> {
  const path = join(folder, cifar.python.meta);
  if (!existsSync(path)) return undefined;
  const names = (await readPickle(path, cifar)).get(cifar.python.names);
  if (!Array.isArray(names)) return undefined;
  const texts = names.map(textOf).filter((name) => name !== undefined);
  return texts.length === cifar.classNames.length ? texts : undefined;
}

function hintFor({ binary, python }: Cifar): string {
  return `Download ${binary.archive} or ${python.archive} from https://www.cs.toronto.edu/~kriz/cifar.html, unpack it, and give the folder it makes.`;
}
