/**
 * Tables and archives that are damaged, forged or only odd: they are read, or refused in words;
 * nothing hangs, and nothing is a bug.
 */
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { type Packed, tarGzOf, tarOf, zipOf } from "../testing/archives.node.ts";
import { type Tree, tell, writeForm } from "../testing/forms.node.ts";
import { put, temporaryFolders } from "../testing/images.node.ts";
import { archive } from "./archives/archive.node.ts";
import { classesFromMetadata, joinTables } from "./labels/metadata.ts";
import type { MetadataName } from "./labels/metadata-names.ts";
import { TableProblem } from "./labels/table-text.ts";

const newFolder = temporaryFolders();

/** How bytes are spoiled: flipped, cut off, put in, or a stretch of them repeated. */
const damage = fc.array(
  fc.record({
    kind: fc.constantFrom("flip", "cut", "insert", "repeat"),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
  }),
  { maxLength: 4 },
);

function spoil(whole: Uint8Array, wounds: typeof damage extends fc.Arbitrary<infer T> ? T : never): Buffer {
  let bytes = Buffer.from(whole);
  for (const { kind, at, bytes: foreign } of wounds) {
    const place = Math.floor(at * bytes.length);
    const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
    if (kind === "flip") bytes = Buffer.concat([before, foreign, after.subarray(foreign.length)]);
    else if (kind === "cut") bytes = Buffer.concat([before, after.subarray(foreign[0]! * 3)]);
    else if (kind === "insert") bytes = Buffer.concat([before, foreign, after]);
    else bytes = Buffer.concat([before, after.subarray(0, 40), after]);
  }
  return bytes;
}

const PATHS = ["img/a.png", "img/b.png", "img/é.png"];

/** What comes of a table, all the way to classes. @throws what is no problem told in words */
function read(name: MetadataName, contents: Uint8Array): string {
  const { set, problem, notes } = joinTables([{ path: name, contents }], "");
  expect([problem ?? "", ...notes].join()).not.toMatch(/undefined|\[object|Invalid input|expected/);
  if (!set) return problem ?? notes.join();
  try {
    const { names, labels } = classesFromMetadata(PATHS, set);
    for (const label of labels) expect(label === undefined || label < names.length).toBe(true);
    return "used";
  } catch (error) {
    expect(error).toBeInstanceOf(TableProblem);
    return (error as Error).message;
  }
}

describe("tables of labels", () => {
  const csv = `\ufefffile_name;label;"text"\r\n${PATHS.map((path, i) => `${path};${"xyx"[i]};"a ""b""\r\nc"`).join("\r\n")}\r\n`;
  const jsonl = PATHS.map((file_name, label) => JSON.stringify({ file_name, label, more: [{}] })).join("\n");

  it("are sound to begin with", () => {
    for (const encoding of ["utf8", "utf16le"] as const) {
      expect(read("metadata.csv", Buffer.from(csv, encoding))).toBe("used");
      expect(read("metadata.jsonl", Buffer.from(jsonl, encoding))).toBe("used");
    }
  });

  it("are read or told of in words, whatever became of their bytes", () => {
    fc.assert(
      fc.property(damage, fc.constantFrom("utf8", "utf16le"), (wounds, encoding) => {
        read("metadata.csv", spoil(Buffer.from(csv, encoding), wounds));
        read("metadata.jsonl", spoil(Buffer.from(jsonl, encoding), wounds));
      }),
      { numRuns: 200 },
    );
  });

  it("are read or told of in words, whatever their fields hold", () => {
    const path = fc.oneof(fc.constantFrom(...PATHS, "", "__proto__", "../../..", "\\\\", "/"), fc.string());
    const field = fc.oneof(path, fc.jsonValue(), fc.constantFrom(null, 0, 1, true, -1, 1e99, 65_536));
    const row = fc.oneof(
      fc.record({ file_name: field, label: field, ["__proto__"]: field }, { requiredKeys: [] }),
      fc.dictionary(fc.constantFrom("file_name", "label", "File_Name", "constructor"), field),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(row, fc.jsonValue()), { maxLength: 5 }), (rows) => {
        read("metadata.jsonl", Buffer.from(rows.map((each) => JSON.stringify(each)).join("\n")));
      }),
      { numRuns: 150 },
    );
    const cell = fc.oneof(path, fc.constantFrom("file_name", "label", '"', '""', "a\rb", ";", "\t", "sep=|"));
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 6 }),
        fc.constantFrom(",", ";", "\t", "|", " "),
        fc.constantFrom("\n", "\r", "\r\n"),
        (rows, separator, end) => {
          read("metadata.csv", Buffer.from(rows.map((cells) => cells.join(separator)).join(end)));
        },
      ),
      { numRuns: 150 },
    );
  });
});

const name = fc.constantFrom("a", "b", "c.png", "d.png", "train", "test", "metadata.csv");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((words) => words.join("/"));
const step = fc.oneof(
  { weight: 5, arbitrary: name },
  { weight: 2, arbitrary: fc.constantFrom("..", ".", "") },
);
const target = fc.array(step, { minLength: 1, maxLength: 4 }).map((words) => words.join("/"));

describe("links in archives", () => {
  const entry = fc.record({
    name: fc.oneof({ weight: 6, arbitrary: path }, { weight: 1, arbitrary: target }),
    type: fc.constantFrom("0", "0", "1", "2", "2", "5"),
    link: fc.oneof(target, fc.constantFrom("/etc/passwd", "C:\\x.png", "a".repeat(99))),
  });

  const list = async (form: string, bytes: Uint8Array): Promise<readonly string[]> => {
    const location = join(newFolder(), `set.${form}`);
    await put(location, bytes);
    try {
      const listing = await archive.list({ location, split: "all" });
      await listing.close();
      return listing.paths;
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      return [];
    }
  };

  it("lead to what they name or are listed, in any structure, whole or damaged", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 12 }), damage, async (entries, wounds) => {
        const tarred = entries.map(({ name, type, link }) =>
          type === "0"
            ? { name, bytes: Buffer.from("x"), type }
            : { name, bytes: Buffer.alloc(0), type, ...(type === "5" ? {} : { link }) },
        );
        const zipped = entries.map(({ name, type, link }): Packed => {
          const bytes = Buffer.from("x");
          return type === "2" ? { name, bytes, link } : { name: type === "5" ? `${name}/` : name, bytes };
        });
        await list("tar", tarOf(tarred));
        await list("tar", spoil(tarOf(tarred), wounds));
        await list("tar.gz", spoil(tarGzOf(tarred), wounds));
        await list("zip", zipOf(zipped));
        await list("zip", spoil(zipOf(zipped), wounds));
      }),
      { numRuns: 20 },
    );
  });

  it("lead where they lead in a real folder", async () => {
    const contents = fc.oneof(
      { weight: 3, arbitrary: fc.constant("x") },
      {
        weight: 2,
        arbitrary: target.filter((to) => to !== "" && !to.startsWith("/")).map((to) => `-> ${to}`),
      },
    );
    const tree = fc
      .uniqueArray(fc.tuple(path, contents), { selector: ([at]) => at, minLength: 1, maxLength: 10 })
      // What is a file or a link cannot be a folder as well.
      .map((all) => all.filter(([at]) => !all.some(([other]) => at.startsWith(`${other}/`))))
      .map((all): Tree => Object.fromEntries(all));
    const told = async (files: Tree, form: "folder" | "tar" | "zip"): Promise<unknown> => {
      try {
        const { skipped, ...rest } = await tell(await writeForm(files, form, newFolder()), "all");
        // Outside an archive there is nothing, outside a folder there is.
        fc.pre(!skipped.some((line) => line.endsWith("leads out of the archive")));
        // Why a link leads to nothing, an archive may know better.
        return { ...rest, skipped: skipped.map((line) => line.replace(/: .*/, "")) };
      } catch (error) {
        if (error instanceof UserError) return "refused";
        throw error;
      }
    };
    await fc.assert(
      fc.asyncProperty(tree, async (files) => {
        const tar = await told(files, "tar");
        expect(await told(files, "zip")).toEqual(tar);
        expect(await told(files, "folder")).toEqual(tar);
      }),
      { numRuns: 30 },
    );
  });

  it("in long chains and deep folders end", async () => {
    const chain = Array.from({ length: 100 }, (_, i) => ({
      ...{ name: `${i}.png`, bytes: Buffer.alloc(0), type: "2" },
      link: i < 99 ? `${i + 1}.png` : "end.png",
    }));
    const end = { name: "end.png", bytes: Buffer.from("x") };
    // As many links as a system follows, and no more.
    expect(await list("tar", tarOf([...chain, end]))).toHaveLength(41);
    const deep = { name: `${"d/".repeat(45)}x.png`, bytes: Buffer.from("x") };
    const doubled = Array.from({ length: 40 }, (_, i) => ({
      ...{ name: `${"d/".repeat(i)}e`, bytes: Buffer.alloc(0), type: "2", link: "d" },
    }));
    expect(await list("tar", tarOf([deep, ...doubled]))).toHaveLength(1);
  });
});
