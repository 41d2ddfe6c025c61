/**
 * STL-10 (Coates, Ng and Lee 2011), binary version: 96×96 images as three planes, each column by
 * column; labels 1–10 in files of their own. 5,000 training, 8,000 test and 100,000 unlabeled
 * images. https://cs.stanford.edu/~acoates/stl10/
 */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../../../base/errors.ts";
import { readPlain } from "../../plain-file.node.ts";
import { NO_LABEL, type Split } from "../../store/store.ts";
import { cannotRead, fileState, listRaw, type RawPart, recordFile } from "../raw.node.ts";
import type { Listing, ListRequest, SourceDefinition } from "../source.ts";

const SIDE = 96;
/** Of the published files the largest has 13,000 bytes. */
const PLANE = SIDE * SIDE;
const RECORD = 3 * PLANE;
const CLASSES = "airplane bird car cat deer dog horse monkey ship truck".split(" ");
/** Images of the published files. */
const PUBLISHED = { train: 5000, test: 8000, unlabeled: 100_000 } as const;
type Part = keyof typeof PUBLISHED;
/**
 * Bytes of a file of labels, one an image, and of the file with the names of the classes: more make
 * no sense.
 */
const MAXIMUM_LABELS = 100 * PUBLISHED.unlabeled;
const MAXIMUM_NAMES = 1 << 20;
const PARTS: Readonly<Record<Split, readonly Part[]>> = {
  train: ["train"],
  test: ["test"],
  unlabelled: ["unlabeled"],
  all: ["train", "test", "unlabeled"],
};
const NOTES: Readonly<Record<Split, string>> = {
  train: "The published training part.",
  test: "The published test part.",
  unlabelled: "The published unlabeled part.",
  all: "All images, the published training, test and unlabeled parts together; without labels, as most have none.",
};
const KEPT =
  "All images, the published training, test and unlabeled parts together; those of the unlabeled part have no label.";
const WHERE =
  "Download stl10_binary.tar.gz from https://cs.stanford.edu/~acoates/stl10/, unpack it, and give the folder it makes.";

/** The source definition. */
export const stl10: SourceDefinition = {
  name: "stl10",
  usage: "stl10:PATH",
  description: "STL-10, binary version, in the folder PATH; has an unlabeled part",
  recognizes: (path) => folderIn(path) !== undefined,
  hasUnlabeled: true,
  list,
};

async function list({ location, split, unlabeled, onFound }: ListRequest): Promise<Listing> {
  const top = resolve(location);
  if (location === "") throw new UserError("stl10 needs a path.", `Write stl10:PATH. ${WHERE}`);
  const folder = folderIn(top);
  if (folder === undefined) throw new UserError(`There is no STL-10 in ${top}: no train_X.bin.`, WHERE);
  const kept = split === "all" && unlabeled === "keep";
  const labeled = split === "train" || split === "test" || kept;
  const parts = await Promise.all(
    PARTS[split].map(async (part) => ({
      ...(await read(folder, part, labeled)),
      expected: PUBLISHED[part],
    })),
  );
  onFound?.(parts.reduce((sum, { count }) => sum + count, 0));
  return listRaw({
    name: "STL-10",
    source: `stl10:${top}`,
    identity: [await realpath(folder)],
    notes: kept ? [KEPT] : [NOTES[split]],
    warnings: parts
      .filter(({ count, expected }) => count !== expected)
      .map(
        ({ name, count, expected }) =>
          `${name} has ${count} images where the published file has ${expected}.`,
      ),
    classNames: labeled ? await classNames(folder) : undefined,
    side: SIDE,
    parts,
  });
}

function folderIn(top: string): string | undefined {
  return [join(top, "stl10_binary"), top].find((path) =>
    Object.keys(PUBLISHED).some((part) => existsSync(join(path, `${part}_X.bin`))),
  );
}

async function read(folder: string, part: Part, labeled: boolean): Promise<RawPart> {
  const name = `${part}_X.bin`;
  const path = join(folder, name);
  const { size, fingerprint } = await fileState(path, WHERE);
  if (size === 0 || size % RECORD !== 0)
    throw new UserError(
      `${path} is damaged or is not an STL-10 file: ${size} bytes are not whole images of ${RECORD}.`,
      WHERE,
    );
  const count = size / RECORD;
  const labels =
    labeled && part !== "unlabeled" ? await readLabels(join(folder, `${part}_y.bin`), count) : undefined;
  const file = recordFile(path, RECORD, 0, WHERE);
  return {
    name,
    count,
    fingerprint,
    read: async (record) => ({
      pixels: toPixels(await file.read(record)),
      label: labels ? labels[record] : NO_LABEL,
    }),
    close: file.close,
  };
}

/** Classes 0–9, [count]. */
async function readLabels(path: string, count: number): Promise<Uint8Array> {
  const bytes = await readPlain(path, MAXIMUM_LABELS).catch((error: unknown) => {
    throw cannotRead(path, error, WHERE);
  });
  if (bytes.length !== count)
    throw new UserError(`${path} has ${bytes.length} labels for ${count} images.`, WHERE);
  return bytes.map((label, index) => {
    if (label < 1 || label > CLASSES.length)
      throw new UserError(
        `${path} is not an STL-10 file: image ${index} has the label ${label}, not 1 to 10.`,
        WHERE,
      );
    return label - 1;
  });
}

/** [3, x, y] to [y, x, 3]. */
function toPixels(planes: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(RECORD);
  for (let channel = 0; channel < 3; channel++)
    for (let x = 0; x < SIDE; x++)
      for (let y = 0; y < SIDE; y++)
        pixels[3 * (y * SIDE + x) + channel] = planes[channel * PLANE + x * SIDE + y]!;
  return pixels;
}

/** From `class_names.txt` if it is there and complete. */
async function classNames(folder: string): Promise<readonly string[]> {
  const bytes = await readPlain(join(folder, "class_names.txt"), MAXIMUM_NAMES).catch(() => undefined);
  const text = bytes?.toString("utf8") ?? "";
  const names = text.split(/\s+/).filter((name) => name !== "");
  return names.length === CLASSES.length ? names : CLASSES;
}
