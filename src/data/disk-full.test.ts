import { readdirSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { UserError } from "../base/errors.ts";
import { openData } from "./open.node.ts";
import { temporaryFolders, writePictures } from "./testing/images.node.ts";

/** A disk that has room for so many bytes more, and may say so beforehand. */
const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY, free: undefined as number | undefined }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const open = async (path: string, flags: string): Promise<FileHandle> => {
    const file = await real.open(path, flags);
    if (flags !== "w" || !path.endsWith(".tmp")) return file;
    const write = file.write.bind(file) as (...args: unknown[]) => Promise<{ bytesWritten: number }>;
    return Object.assign(file, {
      write: async (bytes: Uint8Array, from: number, length: number, at: number) => {
        if (disk.room <= 0)
          throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
        // A disk that fills up takes part of the bytes first.
        const taken = Math.min(length, disk.room);
        disk.room -= taken;
        return write(bytes, from, taken, at);
      },
    });
  };
  const statfs = async (path: string) => {
    const info = await real.statfs(path);
    return disk.free === undefined ? info : { ...info, bavail: disk.free, bsize: 1 };
  };
  return { ...real, open, statfs };
});

const newFolder = temporaryFolders();
afterEach(() => Object.assign(disk, { room: Number.POSITIVE_INFINITY, free: undefined }));

async function attempt(cache: string, images: string): Promise<unknown> {
  return openData({
    source: images,
    resolution: 64,
    split: "train",
    preprocessing: "centre-crop",
    cacheDir: cache,
  }).catch((error: unknown) => error);
}

it.each([
  ["while packing", { room: 100_000, free: undefined }],
  ["at the very end", { room: 80 * 64 * 64 * 3 + 10, free: undefined }],
  ["beforehand", { room: Number.POSITIVE_INFINITY, free: 1000 }],
])(
  "a disk found full %s: says where and how much, leaves nothing, and works once there is room",
  async (_, full) => {
    const images = newFolder();
    await writePictures(images, 80);
    const cache = newFolder();
    Object.assign(disk, full);
    const error = await attempt(cache, images);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(/disk is full.* 988 kB in .*data/);
    expect((error as UserError).message).toContain(cache);
    expect((error as UserError).hint).toMatch(/QUARTERTURN_CACHE/);
    const left = readdirSync(cache).flatMap((name) => readdirSync(join(cache, name)));
    expect(left).toEqual([]);
    Object.assign(disk, { room: Number.POSITIVE_INFINITY, free: undefined });
    expect(await attempt(cache, images)).toMatchObject({ count: 80 });
  },
);
