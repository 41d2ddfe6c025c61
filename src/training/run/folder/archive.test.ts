import { createHash } from "node:crypto";
import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { UserError } from "../../../base/errors.ts";
import { readLabels } from "../../../data/run-images.ts";
import { memoryStore } from "../../../data/store/memory-store.ts";
import { NO_LABEL } from "../../../data/store/store.ts";
import { pngOf } from "../../sampling/png.ts";
import { decodeRgb, imageFiles, runFilesIn, storeOfFiles, unzip, unzipRun, zipRun } from "./archive.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const pixelsOf = (count: number, size: number): Uint8Array =>
  Uint8Array.from({ length: count * size * size * 3 }, (_, i) => (i * 151 + (i >> 5)) % 256);

describe("a run as one file", () => {
  it("comes back as it was", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.stringMatching(/^[a-z]{1,6}\.(png|json|safetensors)$/),
          fc.uint8Array({ maxLength: 300 }),
        ),
        (entries) => {
          const files = new Map([["config.json", bytes("{}")], ...Object.entries(entries)]);
          const back = unzipRun(zipRun("cats-32", files), "x.zip");
          expect(back.name).toBe("cats-32");
          expect(new Map([...back.files].sort())).toEqual(new Map([...files].sort()));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("is found at the top, in a folder, and beside what systems add", () => {
    const at = (path: string) =>
      unzipRun(zipSync({ [path]: bytes("{}"), "__MACOSX/a/config.json": bytes("x") }), "x.zip");
    expect(at("config.json")).toMatchObject({ name: "run" });
    expect(at("a/b/config.json")).toMatchObject({
      name: "b",
      files: new Map([["config.json", bytes("{}")]]),
    });
    expect(runFilesIn(new Map([["a.png", bytes("x")]]))).toBeUndefined();
  });

  it("is refused when it is damaged, whatever is missing", () => {
    const whole = zipRun("a", new Map([["config.json", bytes("{}".repeat(500))]]));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
        expect(() => unzip(whole.subarray(0, length), "x.zip")).toThrow(UserError);
      }),
    );
  });
});

describe("images in a run", () => {
  it("keep their pixels, order, classes and hash", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(4, 8, 32),
        fc.boolean(),
        (count, size, labeled) => {
          const images = pixelsOf(count, size);
          const labels = labeled
            ? Uint16Array.from({ length: count }, (_, i) => [0, 1, 2, NO_LABEL][i % 4]!)
            : undefined;
          // As Node's packed files have it.
          const hash = createHash("sha256").update(`${size}x${size}x3 uint8\n`).update(images);
          if (labels) hash.update("labels\n").update(new Uint8Array(labels.buffer));
          const classNames = labeled ? ["a", "b", "c"] : undefined;
          const store = memoryStore({ images, size, labels, classNames, hash: "given" });
          const back = storeOfFiles(imageFiles(store), size)!;
          const read = new Uint8Array(images.length);
          for (let i = 0; i < count; i++) back.read(i, read, i * size * size * 3);
          expect([read, back.labels, back.classNames]).toEqual([images, labels, classNames]);
          expect(back.hash).toBe(hash.digest("hex"));
        },
      ),
      { numRuns: 20 },
    );
  });

  it("are none, or whole", () => {
    expect(storeOfFiles(new Map([["config.json", bytes("{}")]]), 32)).toBeUndefined();
    const png = pngOf({ width: 8, height: 8, pixels: pixelsOf(1, 8) });
    expect(() => decodeRgb(png, 16, "images/0000000.png")).toThrow("not an RGB image of 16×16");
    expect(() => decodeRgb(png.subarray(0, png.length - 30), 8, "images/0000000.png")).toThrow(UserError);
  });

  it.each([
    ["[", "is damaged"],
    ['{"labels":[0,1],"classNames":["a","b"]}', "has 2 labels for 3 images"],
    ['{"labels":[0,1,2],"classNames":["a","b"]}', "not one of its classes"],
  ])("have classes that fit: %s", (text, said) => {
    expect(() => readLabels(bytes(text), 3)).toThrow(said);
  });
});
