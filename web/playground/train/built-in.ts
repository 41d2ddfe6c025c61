/**
 * The images that come with the program, as the page's build has laid them beside it
 * (scripts/build-samples.ts): one sheet, and what it is.
 */
import { decode } from "fast-png";
import { UserError } from "../../../src/base/errors.ts";
import { imageHash } from "../../../src/data/decode/image-hash.ts";
import { memoryStore } from "../../../src/data/store/memory-store.ts";
import { type DataSummary, type ImageStore, imageBytes } from "../../../src/data/store/store.ts";

/** `samples/emoji-32.json` */
export interface SheetDescription {
  readonly count: number;
  readonly size: number;
  readonly columns: number;
  readonly hash: string;
  readonly labels: readonly number[];
  readonly classNames: readonly string[];
  readonly summary: DataSummary;
}

/**
 * Fetch the built-in images.
 * @param base the page's address
 * @throws UserError when they are not there, or are not what they should be
 */
export async function openBuiltIn(base: string): Promise<ImageStore> {
  const fetched = async (name: string): Promise<Response> => {
    const response = await fetch(new URL(`samples/${name}`, base)).catch(() => undefined);
    if (response?.ok) return response;
    throw new UserError(
      "The built-in images are not beside this page.",
      "Drop images of your own, or build the page again (npm run build:playground).",
    );
  };
  const sheet = (await (await fetched("emoji-32.json")).json()) as SheetDescription;
  const picture = decode(new Uint8Array(await (await fetched("emoji-32.png")).arrayBuffer()));
  const { count, size, columns, hash, classNames, summary } = sheet;
  const images = new Uint8Array(count * imageBytes(size));
  for (let i = 0; i < count; i++)
    for (let y = 0; y < size; y++) {
      const from = ((Math.floor(i / columns) * size + y) * picture.width + (i % columns) * size) * 3;
      images.set(
        (picture.data as Uint8Array).subarray(from, from + size * 3),
        i * imageBytes(size) + y * size * 3,
      );
    }
  const labels = Uint16Array.from(sheet.labels);
  if (imageHash(size, images, labels) !== hash)
    throw new UserError("The built-in images were damaged on their way.", "Load the page again.");
  return memoryStore({ images, size, labels, classNames, hash, summary });
}
