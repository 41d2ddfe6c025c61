/** Opening sources in tests: small sets, a cache of their own, and what went wrong. */
import { expect } from "vitest";
import { UserError } from "../../base/errors.ts";
import { type OpenDataOptions, openData } from "../open.node.ts";
import type { ImageStore } from "../store.ts";
import { picture, plainColour } from "./images.node.ts";

/** Opens `source` at 32×32, with as few images as it has. */
export function openSmall(
  source: string,
  cacheDir: string,
  more: Partial<OpenDataOptions> = {},
): Promise<ImageStore> {
  return openData({
    source,
    resolution: 32,
    split: "train",
    preprocessing: "centre-crop",
    cacheDir,
    minimumImages: 1,
    ...more,
  });
}

/** What `promise` fails with, which must be a `UserError`. */
export async function userError(promise: Promise<unknown>): Promise<UserError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

/** The pixels of image `index`, [size, size, 3]. */
export function pixelsOf(store: ImageStore, index: number): Uint8Array {
  const out = new Uint8Array(store.size * store.size * 3);
  store.read(index, out, 0);
  return out;
}

/** The colour in the corner of every image: tells plain pictures apart. */
export function corners(store: ImageStore): number[][] {
  return Array.from({ length: store.count }, (_, i) => [...pixelsOf(store, i).subarray(0, 3)]);
}

/** A PNG of the plain colour `i`. */
export function plainPng(i: number, side = 32): Promise<Buffer> {
  return picture(side, side, () => plainColour(i))
    .png()
    .toBuffer();
}
