import { describe, expect, it } from "vitest";
import { openData } from "../../open.node.ts";
import type { ImageStore, Split } from "../../store/store.ts";
import { temporaryFolders } from "../../testing/images.node.ts";
import { baseEmoji, codePoints, emoji, oneSpelling } from "./emoji.node.ts";

const newFolder = temporaryFolders();

function mean(store: ImageStore, index: number, rows: readonly [number, number]): number[] {
  const image = new Uint8Array(store.size * store.size * 3);
  store.read(index, image, 0);
  const part = image.subarray(rows[0] * store.size * 3, rows[1] * store.size * 3);
  return [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let i = channel; i < part.length; i += 3) sum += part[i]!;
    return sum / (part.length / 3);
  });
}

describe("the built-in images", () => {
  it("are all there, labeled, upright and on white", async () => {
    const { paths } = await emoji.list({ location: "", split: "all" });
    const store = await openData({
      source: null,
      resolution: 32,
      split: "all",
      preprocessing: "centre-crop",
      cacheDir: newFolder(),
    });
    expect(store.count).toBe(1855);
    expect(store.summary).toMatchObject({
      source: "emoji",
      skipped: [],
      classes: 9,
      enlarged: 0,
      warnings: [],
    });

    const label = (name: string): string => store.classNames![store.labels![paths.indexOf(`${name}.webp`)]!]!;
    expect(label("1f600")).toBe("smileys-emotion");
    expect(label("1f468-200d-2695-fe0f")).toBe("people-body");
    expect(label("1f98a")).toBe("animals-nature");
    expect(label("1f355")).toBe("food-drink");
    expect(label("1f697")).toBe("travel-places");
    expect(label("1f1eb-1f1f7")).toBe("flags");
    expect(label("0023-fe0f-20e3")).toBe("symbols");
    expect(label("1f3f4-e0067_e0062_e0073_e0063_e0074")).toBe("flags");
    for (let label = 0; label < 9; label++)
      expect(store.labels!.filter((each) => each === label).length).toBeGreaterThan(80);

    // Poland is white above red, Indonesia red above white.
    const poland = paths.indexOf("1f1f5-1f1f1.webp");
    expect(mean(store, poland, [10, 13])[2]).toBeGreaterThan(190);
    expect(mean(store, poland, [19, 22])[2]).toBeLessThan(120);
    const indonesia = paths.indexOf("1f1ee-1f1e9.webp");
    expect(mean(store, indonesia, [10, 13])[2]).toBeLessThan(120);
    expect(mean(store, indonesia, [19, 22])[2]).toBeGreaterThan(190);

    let white = 0;
    const image = new Uint8Array(32 * 32 * 3);
    for (let i = 0; i < store.count; i++) {
      store.read(i, image, 0);
      if (image[0]! > 250 && image[1]! > 250 && image[2]! > 250) white++;
    }
    expect(white / store.count).toBeGreaterThan(0.95);
  });

  it("are split for good, about one to nine, and near-duplicates stay together", async () => {
    const of = async (split: Split): Promise<Set<string>> =>
      new Set((await emoji.list({ location: "", split })).paths);
    const [train, test, all] = [await of("train"), await of("test"), await of("all")];
    expect(train.size + test.size).toBe(all.size);
    expect([...train].filter((name) => test.has(name))).toEqual([]);
    expect(test.size / all.size).toBeGreaterThan(0.07);
    expect(test.size / all.size).toBeLessThan(0.13);
    const trainBases = new Set([...train].map(baseEmoji));
    expect([...test].filter((name) => trainBases.has(baseEmoji(name)))).toEqual([]);
    // A changed split would leak test images into the training of existing runs.
    expect([...test].sort().slice(0, 3)).toMatchInlineSnapshot(`
      [
        "0034-fe0f-20e3.webp",
        "0036-fe0f-20e3.webp",
        "1f17f-fe0f.webp",
      ]
    `);
  });

  it("hold every emoji once, however its code points are spelled", async () => {
    expect(
      oneSpelling(["0023-fe0f-20e3.webp", "1f600.webp", "23-fe0f-20e3.webp", "26a7.webp", "26a7-fe0f.webp"]),
    ).toEqual(["0023-fe0f-20e3.webp", "1f600.webp", "26a7.webp"]);
    const { paths } = await emoji.list({ location: "", split: "all" });
    expect(new Set(paths.map((path) => codePoints(path).join("-"))).size).toBe(paths.length);
  });

  it("know what emoji have in common", () => {
    expect(codePoints("1f3f4-e0067_e0062.webp")).toEqual([0x1f3f4, 0xe0067, 0xe0062]);
    expect(baseEmoji("1f469-200d-2695-fe0f.webp")).toBe(baseEmoji("1f468-200d-2695-fe0f.webp"));
    expect(baseEmoji("1f469-200d-2695-fe0f.webp")).toBe(baseEmoji("1f9d1-200d-2695-fe0f.webp"));
    expect(baseEmoji("1f6b4-200d-2642-fe0f.webp")).toBe(baseEmoji("1f6b4.webp"));
    expect(baseEmoji("0023-fe0f-20e3.webp")).toBe(baseEmoji("23-fe0f-20e3.webp"));
    expect(baseEmoji("1f600.webp")).not.toBe(baseEmoji("1f601.webp"));
  });
});
