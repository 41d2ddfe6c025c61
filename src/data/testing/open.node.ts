/** Opening sources in tests: small sets, a cache of their own, and what went wrong. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { UserError } from "../../base/errors.ts";
import { type OpenDataOptions, openData } from "../open.node.ts";
import type { ImageStore } from "../store/store.ts";
import { picture, plainColor } from "./images.node.ts";

/** Opens `source` at 16×16 as training would. */
export function openAsTraining(
  source: string,
  cacheDir: string,
  more: Partial<OpenDataOptions> = {},
): Promise<ImageStore> {
  return openData({
    source,
    resolution: 16,
    split: "train",
    preprocessing: "centre-crop",
    cacheDir,
    ...more,
  });
}

/** Opens `source` at 32×32, with as few images as it has. */
export const openSmall: typeof openAsTraining = (source, cacheDir, more) =>
  openAsTraining(source, cacheDir, { resolution: 32, minimumImages: 1, ...more });

/** Paths of the packed files in a cache. */
export function packs(cacheDir: string): string[] {
  return readdirSync(join(cacheDir, "data")).map((name) => join(cacheDir, "data", name));
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

/** The pixels of all images, one after another. */
export function allBytes(store: ImageStore): Uint8Array {
  const out = new Uint8Array(store.count * store.size * store.size * 3);
  for (let i = 0; i < store.count; i++) store.read(i, out, i * store.size * store.size * 3);
  return out;
}

/** The color in the corner of every image: tells plain pictures apart. */
export function corners(store: ImageStore): number[][] {
  return Array.from({ length: store.count }, (_, i) => [...pixelsOf(store, i).subarray(0, 3)]);
}

/** A PNG of the plain color `i`. */
export function plainPng(i: number, side = 32): Promise<Buffer> {
  return picture(side, side, () => plainColor(i))
    .png()
    .toBuffer();
}
