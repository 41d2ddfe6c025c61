/** Votes, rates, and copies rotated upright: formats, EXIF orientations, mirrored ones too. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rotatePixels } from "../../data/decode/rotate.ts";
import { evaluateTurns } from "./evaluation.ts";
import { rotatedOrientation, withOrientation } from "./exif.ts";
import { findRotatedImages } from "./findings.ts";
import { writeUpright } from "./upright.ts";
import { type Turns, verdictOf, vote } from "./vote.ts";

/**
 * Logits of a head that knows that the image is rotated by `turns`, with `certainty` logits of
 * advance, in all four showings.
 */
const knows = (turns: number, certainty: number): Float32Array =>
  Float32Array.from({ length: 16 }, (_, i) => ((turns + Math.floor(i / 4)) % 4 === i % 4 ? certainty : 0));

describe("votes", () => {
  it.each([0, 1, 2, 3])("a head that sees through all showings: %d", (turns) => {
    const { confidence, ...rest } = vote(knows(turns, 3));
    expect(rest).toEqual({ turns, agreement: 4 });
    expect(confidence).toBeCloseTo(Math.exp(3) / (Math.exp(3) + 3), 6);
  });

  it("showing the image turned once more turns the vote once more, whatever the head says", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -900, max: 900 }), { minLength: 16, maxLength: 16 }),
        (numbers) => {
          const logits = numbers.map((value) => value / 100);
          const here = vote(logits);
          // The image rotated by one: its showing t is the image's showing t + 1.
          const there = vote([...logits.slice(4), ...logits.slice(0, 4)]);
          expect(there.confidence).toBeCloseTo(here.confidence, 6);
          fc.pre(here.confidence > 0.26);
          expect(there.turns).toBe((here.turns + 1) % 4);
          expect(there.agreement).toBe(here.agreement);
        },
      ),
    );
  });

  it("three showings outvote one; a threshold makes the rest unsure; upright needs no confidence", () => {
    const logits = knows(2, 2);
    logits.set([9, 0, 0, 0], 4);
    const voted = vote(logits);
    expect(voted).toMatchObject({ turns: 2, agreement: 3 });
    expect(verdictOf(voted, 0.5)).toBe("turned");
    expect(verdictOf(voted, 0.9)).toBe("unsure");
    expect(verdictOf(vote(knows(0, 0.1)), 0.9)).toBe("upright");
  });

  it("the finding counts them and warns only when many are turned", () => {
    const image = (turns: number) => ({
      path: `p${turns}`,
      orientation: undefined,
      logits: knows(turns, 5),
    });
    const few = findRotatedImages(0.9);
    for (let i = 0; i < 99; i++) few.take(image(0));
    few.take(image(3));
    expect(few.finish()).toMatchObject({
      warnings: [],
      data: { images: 100, turned: 1, byTurns: [0, 0, 0, 1], files: ["p3"] },
    });
    const many = findRotatedImages(0.9);
    for (const turns of [0, 1, 1, 2]) many.take(image(turns));
    expect(many.finish().warnings[0]).toMatch(/3 \(75\.0%\) of the images look rotated/);
  });
});

it("rates: by hand for eight images, one of them wrong and sure, one wrong and unsure", () => {
  const { collector, result } = evaluateTurns();
  const take = (logits: Float32Array) => collector.take({ path: "", orientation: undefined, logits });
  for (let i = 0; i < 6; i++) take(knows(0, 9));
  take(knows(1, 9));
  take(knows(2, 1));
  const { images, accuracy, accuracySingle, confusion, thresholds, perTurn } = result();
  expect({ images, accuracy, accuracySingle }).toEqual({ images: 8, accuracy: 0.75, accuracySingle: 0.75 });
  expect(confusion[0]).toEqual([6, 1, 1, 0]);
  expect(confusion[3]).toEqual([1, 1, 0, 6]);
  expect(perTurn[0]).toEqual({ precision: 0.75, recall: 0.75 });
  const at = thresholds.find(({ threshold }) => threshold === 0.9)!;
  expect(at).toMatchObject({ recall: 6 / 8, falseAlarms: 1 / 8 });
  // Of 4 · 8 images, 24 are turned: 18 named rightly, 24/8 · 2/3 = 2 named wrongly, and one of 8 upright ones.
  expect(at.precision).toBeCloseTo(18 / 21, 10);
});

describe("copies", () => {
  const SIDE = 16;
  /** Four quadrants of different colors: no turn or mirroring looks like another. */
  const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const [y, x] = [Math.floor(i / 3 / SIDE), Math.floor(i / 3) % SIDE];
    const colors = [
      [250, 10, 10],
      [10, 240, 20],
      [20, 30, 230],
      [240, 230, 40],
    ] as const;
    return colors[(y < SIDE / 2 ? 0 : 2) + (x < SIDE / 2 ? 0 : 1)]![i % 3]!;
  });
  const picture = (raw: Uint8Array) => sharp(raw, { raw: { width: SIDE, height: SIDE, channels: 3 } });
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "quarterturn-upright-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const shown = async (path: string | Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await sharp(path).autoOrient().removeAlpha().raw().toBuffer());
  const furthest = (a: Uint8Array, b: Uint8Array): number =>
    a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0);

  it.each(["png", "webp", "tiff", "gif"] as const)("of %s files are rotated without loss", async (format) => {
    for (const turns of [1, 2, 3] as const) {
      const file = join(folder, `turned${turns}.${format}`);
      const image = picture(rotatePixels(pixels, SIDE, turns));
      await (format === "webp"
        ? image.webp({ lossless: true })
        : format === "tiff"
          ? image.tiff({ compression: "lzw" })
          : image.toFormat(format)
      ).toFile(file);
      const before = await readFile(file);
      const written = await writeUpright(file, join(folder, "out"), `a/${turns}.${format}`, turns);
      expect(written).toEqual({
        path: format === "gif" ? `a/${turns}.gif.png` : `a/${turns}.${format}`,
        kind: "turned",
      });
      expect(furthest(await shown(join(folder, "out", written.path)), pixels)).toBe(0);
      expect((await readFile(file)).equals(before)).toBe(true);
    }
  });

  it("of JPEG files keep their pixels, for all orientations, mirrored ones too, and without any", async () => {
    for (const orientation of [undefined, 1, 2, 3, 4, 5, 6, 7, 8]) {
      const encoded = picture(pixels).jpeg({ quality: 95, chromaSubsampling: "4:4:4" });
      const bytes = await (orientation === undefined
        ? encoded
        : encoded.withMetadata({ orientation })
      ).toBuffer();
      const upright = await shown(bytes);
      for (const turns of [1, 2, 3] as const) {
        const file = join(folder, `o${orientation}-${turns}.jpg`);
        // The picture as shown, rotated by `turns`: said by the tag as well.
        const back = ((4 - turns) % 4) as Turns;
        const stored = withOrientation(bytes, rotatedOrientation(orientation ?? 1, back))!;
        expect(
          furthest(await shown(stored), rotatePixels(upright, SIDE, turns)),
          `${orientation} ${turns}`,
        ).toBe(0);
        await writeFile(file, stored);
        const written = await writeUpright(file, join(folder, "out"), `o${orientation}-${turns}.jpg`, turns);
        expect(written.kind).toBe("tagged");
        expect(furthest(await shown(join(folder, "out", written.path)), upright)).toBe(0);
      }
    }
  });

  it("a JPEG file whose EXIF data has no orientation is compressed once more, and says so", async () => {
    const bytes = await picture(rotatePixels(pixels, SIDE, 1))
      .jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
      .withExif({ IFD0: { Copyright: "somebody" } })
      .toBuffer();
    // Another tag in the place of the orientation (0x0112, SHORT, one of them, in either order of bytes).
    const at = Math.max(
      bytes.indexOf("1201030001000000", 0, "hex"),
      bytes.indexOf("0112000300000001", 0, "hex"),
    );
    expect(at).toBeGreaterThan(0);
    bytes[at + (bytes[at] === 0x12 ? 0 : 1)] = 0x13;
    expect(withOrientation(bytes, 6)).toBeUndefined();
    const file = join(folder, "copyright.jpg");
    await writeFile(file, bytes);
    const written = await writeUpright(file, join(folder, "out"), "copyright.jpg", 1);
    expect(written.kind).toBe("recompressed");
    expect(furthest(await shown(join(folder, "out", "copyright.jpg")), pixels)).toBeLessThan(20);
  });

  it("the bytes given are not changed, of a Buffer that shares its memory neither", async () => {
    const bytes = await picture(pixels).jpeg().withMetadata({ orientation: 1 }).toBuffer();
    const before = Uint8Array.from(bytes);
    expect(withOrientation(bytes, 8)).not.toEqual(before);
    expect(Uint8Array.from(bytes)).toEqual(before);
  });

  it("of upright images are the same bytes; what is no JPEG is refused by the EXIF writer", async () => {
    const file = join(folder, "upright.png");
    await picture(pixels).png().toFile(file);
    expect(await writeUpright(file, join(folder, "out"), "upright.png", 0)).toEqual({
      path: "upright.png",
      kind: "copied",
    });
    expect((await readFile(join(folder, "out", "upright.png"))).equals(await readFile(file))).toBe(true);
    expect(() => withOrientation(new Uint8Array([1, 2, 3, 4, 5]), 1)).toThrow(/not a JPEG/);
  });
});
