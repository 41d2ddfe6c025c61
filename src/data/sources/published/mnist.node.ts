/**
 * MNIST (LeCun et al. 1998) and Fashion-MNIST (Xiao et al. 2017): gray images of 28×28 in IDX
 * files, plain or gzipped. They become 32×32 by a black border of two pixels, so that at a
 * resolution of 32 nothing is interpolated, and three equal channels.
 */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { UserError } from "../../../base/errors.ts";
import { readPlain } from "../../plain-file.node.ts";
import { cannotRead, fileState, listRaw, type RawPart, recent } from "../raw.node.ts";
import type { Listing, ListRequest, SourceDefinition } from "../source.ts";
import { splitNote } from "./cifar.node.ts";

const SIDE = 28;
const BORDER = 2;
const PADDED = SIDE + 2 * BORDER;
/** What the files of a part are called. */
const STEMS = { train: "train", test: "t10k" } as const;
/** The most that a gzipped file may hold: ten times the larger published file. */
const MAXIMUM_BYTES = 10 * 60_000 * SIDE * SIDE;

const DIGITS = [..."0123456789"];
const CLOTHES = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(",");

/** MNIST: handwritten digits. */
export const mnist = idxSource({
  name: "mnist",
  title: "MNIST",
  classNames: DIGITS,
  where:
    "Download its four files (train-images-idx3-ubyte.gz and so on) into one folder and give that folder.",
});

/** Fashion-MNIST: photographs of clothes. Its files have MNIST's names, so it must be named. */
export const fashionMnist = idxSource({
  name: "fashion-mnist",
  title: "Fashion-MNIST",
  classNames: CLOTHES,
  where:
    "Download its four files from https://github.com/zalandoresearch/fashion-mnist into one folder and give that folder.",
});

interface IdxSet {
  readonly name: string;
  readonly title: string;
  readonly classNames: readonly string[];
  readonly where: string;
}

function idxSource(set: IdxSet): SourceDefinition {
  return {
    name: set.name,
    usage: `${set.name}:PATH`,
    description: `${set.title}, IDX files (plain or .gz) in the folder PATH`,
    list: (request) => list(request, set),
  };
}

async function list({ location, split, onFound }: ListRequest, set: IdxSet): Promise<Listing> {
  const { name, title, where } = set;
  if (location === "") throw new UserError(`${name} needs a path.`, `Write ${name}:PATH. ${where}`);
  const top = resolve(location);
  const wanted =
    split === "all" ? (["train", "test"] as const) : ([split === "test" ? "test" : "train"] as const);
  const parts = await Promise.all(wanted.map((part) => read(top, STEMS[part], set)));
  onFound?.(parts.reduce((sum, { count }) => sum + count, 0));
  return listRaw({
    name: title,
    source: `${name}:${top}`,
    identity: [await realpath(top)],
    notes: [splitNote(split), `Gray, 28×28, with a border of ${BORDER} black pixels.`],
    warnings: [],
    classNames: set.classNames,
    side: PADDED,
    parts,
  });
}

async function read(folder: string, stem: string, set: IdxSet): Promise<RawPart> {
  const images = find(folder, `${stem}-images`, "idx3-ubyte", set);
  const labeled = find(folder, `${stem}-labels`, "idx1-ubyte", set);
  const [state, labelState] = await Promise.all([
    fileState(images, set.where),
    fileState(labeled, set.where),
  ]);
  const labels = await readIdx(labeled, 1, set);
  const load = recent(1, () => readIdx(images, 3, set));
  const { shape } = await load(0);
  if (shape[1] !== SIDE || shape[2] !== SIDE)
    throw new UserError(`${images} has images of ${shape[2]}×${shape[1]}, not ${SIDE}×${SIDE}.`, set.where);
  if (labels.shape[0] !== shape[0])
    throw new UserError(`${labeled} has ${labels.shape[0]} labels for ${shape[0]} images.`, set.where);
  return {
    name: `${stem}-images`,
    count: shape[0],
    fingerprint: `${state.fingerprint} ${labelState.fingerprint}`,
    read: async (record) => ({
      pixels: toPixels((await load(0)).data.subarray(record * SIDE * SIDE, (record + 1) * SIDE * SIDE)),
      label: labels.data[record]!,
    }),
  };
}

/**
 * The path of a file under any of the names it is found under: with `-` or `.` before the type,
 * gzipped or not.
 */
function find(folder: string, stem: string, type: string, set: IdxSet): string {
  const names = [`${stem}-${type}`, `${stem}.${type}`].flatMap((name) => [name, `${name}.gz`]);
  const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined)
    throw new UserError(`There is no ${set.title} in ${folder}: no ${names[0]}.`, set.where);
  return found;
}

/**
 * An IDX file of bytes: two zeros, type 8, the number of dimensions, their lengths as big-endian
 * uint32, the bytes.
 * @throws UserError if it is anything else
 */
async function readIdx(
  path: string,
  dimensions: number,
  set: IdxSet,
): Promise<{ shape: readonly [number, ...number[]]; data: Uint8Array }> {
  const wrong = (what: string, cause?: unknown): UserError =>
    new UserError(`${path} is damaged or is not an IDX file of ${set.title}: ${what}.`, set.where, { cause });
  let bytes: Buffer = await readPlain(path, MAXIMUM_BYTES).catch((error: unknown) => {
    throw cannotRead(path, error, set.where);
  });
  if (path.endsWith(".gz"))
    bytes = await promisify(gunzip)(bytes, { maxOutputLength: MAXIMUM_BYTES }).catch((error: unknown) => {
      throw wrong("it cannot be unpacked", error);
    });
  const header = 4 + 4 * dimensions;
  if (bytes.length < header || bytes.readUInt32BE(0) !== 0x0800 + dimensions)
    throw wrong(`it does not begin as one of ${dimensions} dimensions of bytes`);
  const [count, ...sides] = Array.from({ length: dimensions }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const length = sides.reduce((product, side) => product * side, count!);
  if (bytes.length - header !== length)
    throw wrong(`${bytes.length - header} bytes follow its header, which announces ${length}`);
  return { shape: [count!, ...sides], data: bytes.subarray(header) };
}

/** Gray [28, 28] to [32, 32, 3]. */
function toPixels(gray: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(3 * PADDED * PADDED);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++)
      pixels.fill(
        gray[y * SIDE + x]!,
        3 * ((y + BORDER) * PADDED + x + BORDER),
        3 * ((y + BORDER) * PADDED + x + BORDER + 1),
      );
  return pixels;
}
