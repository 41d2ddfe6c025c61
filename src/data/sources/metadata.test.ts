import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { classesFromMetadata, type MetadataName, parseMetadata } from "./metadata.node.ts";

function labelsOf(name: MetadataName, text: string): ReadonlyMap<string, string> {
  return parseMetadata(text, `/d/${name}`, name).labels!;
}

function classes(text: string, paths: readonly string[]) {
  const labels = labelsOf("metadata.csv", text);
  return classesFromMetadata(paths, labels, { name: "metadata.csv", vocabulary: new Set(labels.values()) });
}

it("reads both forms", () => {
  const csv = '\ufefffile_name,label,text\n"a, b.png",cat,"says ""hi"""\r\nsub\\c.png,dog,\n\n';
  expect([...labelsOf("metadata.csv", csv)]).toEqual([
    ["a, b.png", "cat"],
    ["sub/c.png", "dog"],
  ]);
  const lines = '{"file_name": "a.png", "label": 3}\n\n{"label": 0, "file_name": "b.png"}\n';
  expect([...labelsOf("metadata.jsonl", lines)]).toEqual([
    ["a.png", "3"],
    ["b.png", "0"],
  ]);
});

it("a table without labels gives none", () => {
  expect(parseMetadata("file_name,text\na.png,hello\n", "x", "metadata.csv").labels).toBeUndefined();
});

describe("classes", () => {
  it("words are numbered by the alphabet, numbers are themselves", () => {
    const paths = ["a.png", "b.png", "c.png"];
    const words = classes("file_name,label\na.png,zebra\nb.png,ape\nc.png,zebra\n", paths);
    expect([words.names, words.labels]).toEqual([
      ["ape", "zebra"],
      [1, 0, 1],
    ]);
    const numbers = classes("file_name,label\na.png,3\nb.png,0\nc.png,10\n", paths);
    expect([numbers.names.length, numbers.labels]).toEqual([11, [3, 0, 10]]);
    // Numbers with leading zeros are names.
    expect(classes("file_name,label\na.png,007\nb.png,1\nc.png,1\n", paths).names).toEqual(["007", "1"]);
  });

  it("images that are not named have no label, and names without an image counted", () => {
    const found = classes("file_name,label\na.png,x\ngone.png,y\n", ["a.png", "b.png"]);
    expect([found.labels, found.unused]).toEqual([[0, undefined], 1]);
  });
});

describe("what is refused", () => {
  it.each<[string, MetadataName, string, RegExp]>([
    ["no file names", "metadata.csv", "name,label\na,b\n", /row 1 is not as it should be \(file_name/],
    [
      "rows of different lengths",
      "metadata.csv",
      "file_name,label\na,b,c\n",
      /\/d\/metadata\.csv cannot be read/,
    ],
    [
      "only some labels",
      "metadata.jsonl",
      '{"file_name":"a","label":1}\n{"file_name":"b"}',
      /1 of 2 rows have no label/,
    ],
    ["an image twice", "metadata.csv", "file_name,label\na,b\na,c\n", /names a twice/],
    ["no JSON", "metadata.jsonl", '{"file_name":"a","label":1}\nhello', /line 2 is not JSON/],
    ["a label that is none", "metadata.jsonl", '{"file_name":"a","label":1.5}', /row 1.*label/],
  ])("%s", (_, name, text, message) => {
    expect(() => labelsOf(name, text)).toThrow(UserError);
    expect(() => labelsOf(name, text)).toThrow(message);
  });

  it("numbers out of range", () => {
    expect(() => classes("file_name,label\na.png,70000\n", ["a.png"])).toThrow(/label 70000 is out of range/);
    expect(() => classes("file_name,label\na.png,-1\n", ["a.png"])).toThrow(/label -1 is out of range/);
  });
});
