import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolders } from "../testing/images.node.ts";
import { writeHollowPack, writePack } from "../testing/packs.node.ts";
import { type BatchState, batches } from "./batches.ts";
import { memoryStore } from "./memory-store.ts";
import { openPack } from "./pack-store.node.ts";
import { type BatchSupply, READ_AHEAD, supplyBatches } from "./read-ahead.ts";
import type { ImageStore } from "./store.ts";

const newFolder = temporaryFolders();

/**
 * 2×2 images whose bytes all are the image's number, read a moment later; counts the batches begun.
 */
function slow(count: number): ImageStore & { begun: number; underWay: number } {
  const images = Uint8Array.from({ length: count * 12 }, (_, i) => Math.floor(i / 12));
  const labels = Uint16Array.from({ length: count }, (_, i) => i);
  const store = memoryStore({ images, size: 2, labels, hash: "" });
  return Object.assign(store, {
    begun: 0,
    underWay: 0,
    async readMany(this: void, indices: Uint32Array, out: Uint8Array): Promise<void> {
      const counts = store as typeof store & { begun: number; underWay: number };
      counts.begun++;
      counts.underWay++;
      await new Promise(setImmediate);
      indices.forEach((index, i) => {
        store.read(index, out, 12 * i);
      });
      counts.underWay--;
    },
  });
}

async function take(from: BatchSupply, n: number): Promise<number[][]> {
  const taken: number[][] = [];
  for (let i = 0; i < n; i++) taken.push([...(await from.next()).indices]);
  return taken;
}

describe("batches read ahead", () => {
  it("are those of a store in memory, pixels and labels too", async () => {
    const supply = supplyBatches(slow(50), 16, 3);
    const reference = batches(slow(50), 16, 3);
    for (let i = 0; i < 10; i++) expect(await supply.next()).toEqual(reference.next());
    await supply.close();
  });

  it("continue from a saved position as if never stopped: the position is that of the batches taken, not of those read", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 2 ** 32 }),
        fc.integer({ min: 0, max: 9 }),
        async (count, size, seed, before) => {
          const store = slow(count);
          const reference = batches(store, size, seed);
          const whole = supplyBatches(store, size, seed);
          await take(whole, before);
          for (let i = 0; i < before; i++) reference.next();
          const state = JSON.parse(JSON.stringify(whole.save())) as BatchState;
          expect(state).toEqual(reference.save());
          const restored = supplyBatches(store, size, state);
          expect(restored.save()).toEqual(state);
          expect(await take(restored, 4)).toEqual(await take(whole, 4));
          await Promise.all([whole.close(), restored.close()]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("are so many and no more, and only once the first is asked for", async () => {
    const store = slow(50);
    const supply = supplyBatches(store, 4, 1);
    await new Promise(setImmediate);
    expect(store.begun).toBe(0);
    await take(supply, 3);
    while (store.begun < 3 + READ_AHEAD) await new Promise(setImmediate);
    for (let i = 0; i < 10; i++) await new Promise(setImmediate);
    expect(store.begun).toBe(3 + READ_AHEAD);
    await supply.close();
  });

  it("end with `close`: nothing is under way afterwards, and no more can be had", async () => {
    const store = slow(50);
    const supply = supplyBatches(store, 4, 1);
    await supply.next();
    await supply.close();
    const { begun } = store;
    expect(store.underWay).toBe(0);
    for (let i = 0; i < 10; i++) await new Promise(setImmediate);
    expect(store.begun).toBe(begun);
    await expect(supply.next()).rejects.toThrow(/closed/);
  });

  it("tell a failure to whoever asks for that batch, and read none after it", async () => {
    const store = slow(50);
    let reads = 0;
    store.readMany = async () => {
      if (++reads === 3) throw new Error("disk");
    };
    const supply = supplyBatches(store, 4, 1);
    await take(supply, 2);
    await expect(supply.next()).rejects.toThrow("disk");
    await expect(supply.next()).rejects.toThrow("disk");
    expect(reads).toBe(3);
    await supply.close();
  });

  it("are given at once where the store is in memory", () => {
    const supply = supplyBatches(memoryStore({ images: new Uint8Array(120), size: 2, hash: "" }), 4, 1);
    expect(supply.next()).toMatchObject({ images: expect.any(Uint8Array) });
  });
});

describe("a store on the disk", () => {
  it("gives many images at once as it gives each, in any order and more than once", async () => {
    const path = join(newFolder(), "x-1.pack");
    await writePack(path, 40, 4, (index, pixels) => pixels.fill(index));
    const store = (await openPack(path, { notes: [], fromCache: true }, { inMemory: 0 }))!;
    const indices = Uint32Array.of(39, 0, 7, 7, 20, 3);
    const out = new Uint8Array(6 * 48);
    await store.readMany!(indices, out);
    expect([...out]).toEqual([...indices].flatMap((index) => Array(48).fill(index)));
    await expect(store.readMany!(Uint32Array.of(40), out)).rejects.toThrow(RangeError);
    store.close();
    await expect(store.readMany!(indices, out)).rejects.toThrow(/closed/);
  });

  it("can be closed while it is read: what is under way ends well", async () => {
    const path = join(newFolder(), "x-1.pack");
    await writePack(path, 40, 4, (index, pixels) => pixels.fill(index));
    const store = (await openPack(path, { notes: [], fromCache: true }, { inMemory: 0 }))!;
    const out = new Uint8Array(4 * 48);
    const reading = store.readMany!(Uint32Array.of(1, 2, 3, 4), out);
    store.close();
    await reading;
    expect([...out]).toEqual([1, 2, 3, 4].flatMap((index) => Array(48).fill(index)));
  });

  it.skipIf(process.platform === "win32")(
    "of a million images at 64×64 is opened and drawn from in little memory",
    async () => {
      const path = join(newFolder(), "x-1.pack");
      await writeHollowPack(path, 1_000_000, 64);
      const used = (): number => process.memoryUsage().arrayBuffers;
      const before = used();
      const store = (await openPack(path, { notes: [], fromCache: true }))!;
      expect(store.count * 64 * 64 * 3).toBe(12_288_000_000);
      const supply = supplyBatches(store, 64, 1);
      let highest = 0;
      for (let i = 0; i < 100; i++) {
        const { images } = await supply.next();
        expect(images.every((value) => value === 0)).toBe(true);
        highest = Math.max(highest, used() - before);
      }
      await supply.close();
      store.close();
      // Checksums, the order of an epoch, and batches of 0.8 MB that are not collected yet: far from 12 GB.
      expect(highest).toBeLessThan(300_000_000);
    },
  );
});
