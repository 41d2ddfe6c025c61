/**
 * The reason for which a picture is left out is its own, the same every time, and says what to do.
 */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { picture, put, temporaryFolders } from "../testing/images.node.ts";
import { decodeImage } from "./decode.node.ts";
import type { Square } from "./preprocessing.ts";

const newFolder = temporaryFolders();
const SQUARE: Square = { size: 16, preprocessing: "centre-crop", resize: "lanczos3" };
const noise = () => picture(90, 90, (x, y) => [(x * y) % 251, (x * 7 + y * 13) % 256, (x ^ y) % 256]);
const reasonOf = (input: string | Uint8Array): Promise<string> =>
  decodeImage(input, SQUARE, "").then(
    () => "decoded",
    (error: Error) => error.message,
  );

it("is the same alone and among others, whatever fails beside it", async () => {
  const folder = newFolder();
  const files: string[] = [];
  for (const format of ["png", "jpeg", "webp", "gif", "tiff", "avif"] as const) {
    const whole = await noise().toFormat(format).toBuffer();
    for (const [kind, bytes] of [
      ["whole", whole],
      ["cut", whole.subarray(0, whole.length * 0.6)],
      ["short", whole.subarray(0, 40)],
      ["odd", Buffer.concat([whole.subarray(0, 60), Buffer.alloc(whole.length - 60, 0x55)])],
    ] as const) {
      const path = join(folder, `${kind}.${format}`);
      await put(path, bytes);
      files.push(path);
    }
  }
  const alone: string[] = [];
  for (const path of files) alone.push(await reasonOf(path));
  for (let round = 0; round < 3; round++)
    expect(await Promise.all([...files, ...files].map(reasonOf))).toEqual([...alone, ...alone]);
  for (const reason of alone) expect(reason).not.toContain(folder);
  expect(new Set(alone).size).toBeGreaterThan(6);
  expect(alone[0]).toBe("decoded");
  expect(alone[1]).toMatch(/^damaged: \w/);
});

describe("tells a file by its contents", () => {
  const box = (brand: string, ...others: string[]): Buffer => {
    const size = 16 + 4 * others.length;
    return Buffer.concat([
      Buffer.from([0, 0, 0, size]),
      Buffer.from(`ftyp${brand}\0\0\0\0${others.join("")}`, "latin1"),
      Buffer.alloc(64),
    ]);
  };
  const bmp = Buffer.alloc(100);
  bmp.write("BM");
  bmp[14] = 40;
  const cases: [string, Buffer | string, RegExp][] = [
    [
      "HEIC of a phone",
      box("heic", "mif1", "heic"),
      /^a HEIC picture, whatever its name says: convert it to JPEG/,
    ],
    ["HEIF", box("mif1", "heic"), /^a HEIC picture/],
    ["BMP", bmp, /^a BMP picture, .*convert it/],
    ["JPEG 2000", Buffer.from("0000000c6a5020200d0a870a", "hex"), /^a JPEG 2000 picture, .*convert it/],
    ["JPEG XL", Buffer.from("ff0a0000", "hex"), /^a JPEG XL picture, .*convert it/],
    ["Photoshop", "8BPS\0\x01aaaaaaaaaaaaaaaaaaaaaaaaaaaa", /^a Photoshop document/],
    ["video", box("isom", "mp42"), /^a video/],
    ["web page", "\n<!DOCTYPE html><html><svg></svg></html>", /^a web page, .*get the picture itself/],
    ["Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n", /git lfs pull/],
    ["PDF", "%PDF-1.7 and so on, and so on, and so on", /^a PDF document/],
    ["nothing known", "hello, hello, hello, hello", /^not an image, whatever its name says$/],
  ];
  it.each(cases)("%s", async (_, bytes, reason) => {
    for (const name of ["a.jpg", "a.png", "a.tif", "a.svg"]) {
      const path = join(newFolder(), name);
      await put(path, bytes);
      expect(await reasonOf(path)).toMatch(reason);
    }
    expect(await reasonOf(Buffer.from(bytes as string))).toMatch(reason);
  });

  it("and a real AVIF picture is none of those", async () => {
    expect(await reasonOf(await noise().avif().toBuffer())).toBe("decoded");
  });
});

describe("drawings", () => {
  const body =
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="#c8283c"/></svg>';
  const comment = `<!-- ${"a license, ".repeat(500)} -->`;
  const entities = `<!DOCTYPE svg [\n${Array.from({ length: 60 }, (_, i) => `<!ENTITY ns_${i} "http://ns.example.com/${i}/">`).join("\n")}\n]>`;
  const xml = '<?xml version="1.0" encoding="utf-8"?>\n';
  it.each<[string, Buffer]>([
    ["begin late, behind a comment", Buffer.from(comment + body)],
    ["behind a declaration and a comment", Buffer.from(xml + comment + body)],
    ["behind entities", Buffer.from(xml + entities + body.replace("<svg", '<svg xmlns:x="&ns_3;"'))],
    ["behind a byte order mark", Buffer.from(`\ufeff${xml}${body}`)],
    ["in UTF-16", Buffer.from(`\ufeff${xml.replace("utf-8", "UTF-16")}${body}`, "utf16le")],
    [
      "in Latin-1",
      Buffer.from(`${xml.replace("utf-8", "iso-8859-1")}<!--caf\xe9 ${comment.slice(4)}${body}`, "latin1"),
    ],
    ["gzipped and late", gzipSync(comment + body)],
  ])("%s", async (_, bytes) => {
    for (const name of ["a.svg", "a.svgz"]) {
      const path = join(newFolder(), name);
      await put(path, bytes);
      for (const input of [path, bytes]) {
        const { pixels } = await decodeImage(input, SQUARE, "");
        expect([...pixels.subarray(300, 303)]).toEqual([200, 40, 60]);
      }
    }
  });

  it("that are damaged say so", async () => {
    expect(await reasonOf(Buffer.from(comment + body.slice(0, 80)))).toMatch(/^damaged: /);
  });
});

it("sharp alone does not know these drawings, so the tests above mean something", async () => {
  const path = join(newFolder(), "late.svg");
  await put(
    path,
    `<!-- ${"x".repeat(2000)} --><svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>`,
  );
  await expect(sharp(path).metadata()).rejects.toThrow(/unsupported/);
});
