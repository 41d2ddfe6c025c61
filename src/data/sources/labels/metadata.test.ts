import { describe, expect, it } from "vitest";
import { classesFromMetadata, joinTables, parseMetadata, type SetLabels } from "./metadata.ts";
import type { MetadataName } from "./metadata-names.ts";
import { TableProblem } from "./table-text.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function labelsOf(name: MetadataName, table: string | Uint8Array): [string, string][] {
  const contents = parseMetadata(typeof table === "string" ? bytesOf(table) : table, name);
  if ("note" in contents) throw new Error(contents.note);
  return [...contents.labels];
}

function classes(text: string, paths: readonly string[]): ReturnType<typeof classesFromMetadata> {
  const { set } = joinTables([{ path: "metadata.csv", contents: bytesOf(text) }], "");
  return classesFromMetadata(paths, set as SetLabels);
}

const PLAIN = [
  ["a.png", "cat"],
  ["b.png", "dog"],
];

function utf16(text: string, bigEndian: boolean, mark: boolean): Uint8Array {
  const bytes = Buffer.from(mark ? `\ufeff${text}` : text, "utf16le");
  return bigEndian ? bytes.swap16() : bytes;
}

describe("what tools write", () => {
  const csv = "file_name,label\na.png,cat\nb.png,dog\n";
  const jsonl = '{"file_name":"a.png","label":"cat"}\n{"file_name":"b.png","label":"dog"}\n';

  it.each<[string, MetadataName, string | Uint8Array]>([
    ["plain", "metadata.csv", csv],
    ["line ends of Windows", "metadata.csv", csv.replaceAll("\n", "\r\n")],
    ["line ends of old Macs", "metadata.csv", csv.replaceAll("\n", "\r")],
    ["a byte-order mark", "metadata.csv", `\ufeff${csv}`],
    ["UTF-16, little end first", "metadata.csv", utf16(csv, false, true)],
    ["UTF-16, big end first", "metadata.csv", utf16(csv, true, true)],
    ["UTF-16 without a mark", "metadata.csv", utf16(csv, false, false)],
    ["UTF-16 without a mark, big end first", "metadata.csv", utf16(csv, true, false)],
    ["semicolons", "metadata.csv", csv.replaceAll(",", ";")],
    ["tabs", "metadata.csv", csv.replaceAll(",", "\t")],
    ["bars", "metadata.csv", csv.replaceAll(",", "|")],
    ["Excel's word for the separator", "metadata.csv", `sep=;\r\n${csv.replaceAll(",", ";")}`],
    ["blanks around cells", "metadata.csv", " file_name , label \n a.png , cat\nb.png,  dog \n"],
    ["capitals in the header", "metadata.csv", csv.replace("file_name,label", "File_Name,LABEL")],
    ["everything quoted", "metadata.csv", '"file_name","label"\n"a.png","cat"\n"b.png","dog"\n'],
    [
      "blank rows and columns of Excel",
      "metadata.csv",
      "file_name,label,,\na.png,cat,,\nb.png,dog\n,,,\n,\n\n",
    ],
    [
      "other columns, with line breaks and signs for inches",
      "metadata.csv",
      'file_name,text,label\na.png,"one\ntwo, three",cat\nb.png,5" tall,dog\n',
    ],
    [
      "a label with the other separators in it",
      "metadata.csv",
      csv.replace("file_name,label", 'file_name,label,"x;y"'),
    ],
    ["the same row twice", "metadata.csv", `${csv}a.png,cat\n`],
    ["lines of JSON", "metadata.jsonl", jsonl],
    ["lines of JSON with a mark", "metadata.jsonl", `\ufeff${jsonl}`],
    ["two tables put together", "metadata.jsonl", jsonl.replaceAll("{", "\ufeff{")],
    ["lines of JSON in UTF-16", "metadata.jsonl", utf16(jsonl, false, true)],
    ["lines of JSON with other line ends", "metadata.jsonl", jsonl.replaceAll("\n", "\r\n")],
    ["lines of JSON with old line ends", "metadata.jsonl", jsonl.replaceAll("\n", "\r")],
    [
      "blank lines, and rows of nothing",
      "metadata.jsonl",
      `\n${jsonl}\n {"file_name":null,"label":null}\n{}\n`,
    ],
  ])("%s", (_, name, table) => {
    expect(labelsOf(name, table)).toEqual(PLAIN);
  });

  it("numbers, and true and false, are labels", () => {
    expect(labelsOf("metadata.jsonl", '{"file_name":"a","label":3}\n{"file_name":"b","label":1.0}')).toEqual([
      ["a", "3"],
      ["b", "1"],
    ]);
    expect(
      labelsOf("metadata.jsonl", '{"file_name":"a","label":true}\n{"file_name":"b","label":false}'),
    ).toEqual([
      ["a", "true"],
      ["b", "false"],
    ]);
  });
});

describe("tables that say nothing of labels", () => {
  it.each<[MetadataName, string, string]>([
    ["metadata.csv", "file_name,text\na.png,hello\n", 'has no column "label" and is not used'],
    [
      "metadata.jsonl",
      '{"image":"a","text":"b"}',
      'has no columns "file_name" and "label" (but "image", "text") and is not used',
    ],
    [
      "metadata.csv",
      "id;class\n1;2\n",
      'has no columns "file_name" and "label" (but "id", "class") and is not used',
    ],
    ["metadata.csv", "", 'has no columns "file_name" and "label" (but nothing) and is not used'],
    ["metadata.csv", "file_name,label\n", "has no label in any row and is not used"],
    ["metadata.jsonl", '{"file_name":"a","label":null}', "has no label in any row and is not used"],
  ])("%s: %s", (name, table, note) => {
    expect(parseMetadata(bytesOf(table), name)).toEqual({ note });
  });
});

describe("labels that cannot be used, in words", () => {
  it.each<[string, MetadataName, string | Uint8Array, string]>([
    [
      "no paths",
      "metadata.csv",
      "image,label\na,b\n",
      'has a column "label" and none "file_name" with the images\' paths from its folder (but "image", "label")',
    ],
    [
      "rows too long",
      "metadata.csv",
      "file_name,label\na,b,c\n",
      'has 3 cells in line 2 and 2 in its header: a cell with "," in it needs quotes around it',
    ],
    [
      "only some labels",
      "metadata.jsonl",
      '{"file_name":"a","label":1}\n{"file_name":"b"}',
      "has no label in 1 of 2 rows (the first in line 2)",
    ],
    [
      "a blank label",
      "metadata.csv",
      "file_name,label\na,1\nb,\n",
      "has no label in 1 of 2 rows (the first in line 3)",
    ],
    [
      "two labels",
      "metadata.csv",
      "file_name,label\na,b\na,c\n",
      'gives a two labels, "b" and "c" (in line 3)',
    ],
    [
      "no JSON",
      "metadata.jsonl",
      '{"file_name":"a","label":1}\nhello',
      "is not one JSON object a line: line 2 is not JSON",
    ],
    [
      "a list around",
      "metadata.jsonl",
      '[{"file_name":"a","label":1}]',
      "is not one JSON object a line: line 1 is something else",
    ],
    [
      "a fraction",
      "metadata.jsonl",
      '{"file_name":"a","label":1.5}',
      "has a label in line 1 that is neither a word nor a whole number but 1.5",
    ],
    [
      "a list",
      "metadata.jsonl",
      '{"file_name":"a","label":["x","y"]}',
      "has a label in line 1 that is neither a word nor a whole number but a list",
    ],
    [
      "an object",
      "metadata.jsonl",
      '{"file_name":"a","label":{"__proto__":1}}',
      "has a label in line 1 that is neither a word nor a whole number but an object",
    ],
    [
      "a path that is none",
      "metadata.jsonl",
      '{"file_name":7,"label":"x"}',
      'has a "file_name" in line 1 that is no text but 7',
    ],
    ["a label without a path", "metadata.csv", "file_name,label\na,x\n,y\n", 'has no "file_name" in line 3'],
    ["a column twice", "metadata.csv", "file_name,label,Label\na,b,c\n", 'has the column "label" twice'],
    [
      "a quotation without an end",
      "metadata.csv",
      'file_name,label\na,"b\n',
      "is no CSV: a quotation mark that opens is never closed",
    ],
    [
      "another encoding",
      "metadata.csv",
      Buffer.from("file_name,label\na,Bär\n", "latin1"),
      'is not text in UTF-8: save it as UTF-8 (in Excel "CSV UTF-8")',
    ],
  ])("%s", (_, name, table, message) => {
    expect(() => labelsOf(name, table)).toThrow(TableProblem);
    try {
      labelsOf(name, table);
    } catch (error) {
      expect((error as Error).message).toBe(message);
    }
  });

  it("numbers out of range", () => {
    expect(() => classes("file_name,label\na.png,70000\n", ["a.png"])).toThrow(
      /has the label 70000, which is out of range/,
    );
    expect(() => classes("file_name,label\na.png,-1\n", ["a.png"])).toThrow(
      /has the label -1, which is out of range/,
    );
  });
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

  it("images that are not named have no label, and names without an image are counted", () => {
    const found = classes("file_name,label\na.png,x\ngone.png,y\n", ["a.png", "b.png"]);
    expect([found.labels, found.unused]).toEqual([[0, undefined], 1]);
  });

  it("a table that would leave too few images is not used", () => {
    const paths = Array.from({ length: 80 }, (_, i) => `${i}.png`);
    const table = (count: number): string =>
      ["file_name,label", ...paths.slice(0, count).map((path, i) => `${path},${i % 2}`)].join("\n");
    expect(() => classes(table(40), paths)).toThrow("names only 40 of 80 images (not 40.png, for one)");
    expect(classes(table(64), paths).labels.filter((label) => label !== undefined)).toHaveLength(64);
    expect(() => classes("file_name,label\n/home/me/0.png,a\n", paths)).toThrow(
      'names none of 80 images: its paths are like "home/me/0.png", those of images like "0.png"',
    );
  });

  it.each([
    "./a/b.png",
    "a//b.png",
    "a/../a/b.png",
    "a\\b.png",
    ".\\a\\b.png",
    "a/./b.png",
    "x/../../set/a/b.png",
  ])("%s is a/b.png", (written) => {
    const { set } = joinTables(
      [{ path: "set/metadata.csv", contents: bytesOf(`file_name,label\n${written},x\n`) }],
      "",
    );
    expect([...set!.labels.keys()]).toEqual(["set/a/b.png"]);
  });

  it("accents are found however they are composed, where only one image can be meant", () => {
    const [one, two] = ["\u00e9.png", "e\u0301.png"];
    expect(classes(`file_name,label\n${one},x\n`, [two]).labels).toEqual([0]);
    expect(classes(`file_name,label\n${two},x\n`, [one]).labels).toEqual([0]);
    // Both are there: each has its own name.
    expect(classes(`file_name,label\n${one},x\n${two},y\n`, [two, one]).labels).toEqual([1, 0]);
    expect(classes(`file_name,label\n${one},x\n`, [two, one]).labels).toEqual([undefined, 0]);
    expect(() =>
      classes(`file_name,label\n${one},x\n${"\u212b"}.png,y\n${"A\u030a"}.png,x\n`, ["\u00c5.png"]),
    ).toThrow("two labels, in names that differ in how accents are written");
  });

  it("a backslash in a name of Linux is one", () => {
    expect(classes("file_name,label\na\\b.png,x\n", ["a\\b.png"]).labels).toEqual([0]);
  });
});
