/** What scripts/check-layers.ts and scripts/imports.ts find, shown on small trees. */
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { cycleProblems, LONGEST, lengthProblems, problemsOf } from "../scripts/check-layers.ts";
import { importCycles, importsIn, reachable, readSources, type SourceFile } from "../scripts/imports.ts";

const ROOT = "/tree";
const source = (path: string, text: string): SourceFile => ({
  path,
  text,
  imports: importsIn(text, path, ROOT),
});

describe("imports", () => {
  it("are found in every form, with their lines and kinds", () => {
    const text = [
      'import { a } from "./a.ts";',
      'import type { B } from "../b.ts";',
      'import "./c.ts";',
      "import {",
      "  d,",
      '} from "./d/d.ts";',
      'export * from "./e.ts";',
      'export type { F } from "./f.ts";',
      'const g = await import("./g.ts");',
      'import { z } from "zod";',
      'export const text = "from here";',
    ].join("\n");
    expect(
      importsIn(text, "folder/file.ts", ROOT).map(({ file, specifier, line, kind }) => [
        file ?? specifier,
        line,
        kind,
      ]),
    ).toEqual([
      ["folder/a.ts", 1, "static"],
      ["b.ts", 2, "type"],
      ["folder/c.ts", 3, "static"],
      ["folder/d/d.ts", 4, "static"],
      ["folder/e.ts", 7, "static"],
      ["folder/f.ts", 8, "type"],
      ["folder/g.ts", 9, "dynamic"],
      ["zod", 10, "static"],
    ]);
  });

  it("reach what they lead to, through any number of files", () => {
    const files = [
      source("a.ts", 'import "./b.ts";'),
      source("b.ts", 'await import("./c.ts");'),
      source("c.ts", ""),
      source("d.ts", 'import "./a.ts";'),
    ];
    expect([...reachable("a.ts", files)].sort()).toEqual(["a.ts", "b.ts", "c.ts"]);
  });

  it("in a circle are found, whatever leads into it", () => {
    const files = [
      source("a.ts", 'import "./b.ts";\nimport "./d.ts";'),
      source("b.ts", 'import "./c.ts";'),
      source("c.ts", 'import type { B } from "./b.ts";'),
      source("d.ts", 'import "./c.ts";'),
    ];
    expect(importCycles(files, ["static", "type"])).toEqual([["b.ts", "c.ts"]]);
    expect(importCycles(files, ["static"])).toEqual([]);
    expect(cycleProblems(files)).toEqual(["b.ts, c.ts: these files import one another in a circle"]);
  });
});

describe("is refused:", () => {
  it.each([
    [
      "an import from above",
      "nn/x.ts",
      'import "../cli/main.ts";',
      /nn\/x\.ts:1: nn\/ must not import from cli\//,
    ],
    [
      "Node in portable code",
      "data/x.ts",
      '\nimport { join } from "node:path";',
      /data\/x\.ts:2: "node:path" is Node-only/,
    ],
    [
      "a package of Node's in portable code",
      "training/x.ts",
      'import sharp from "sharp";',
      /"sharp" is Node-only/,
    ],
    ["a Node-only file in portable code", "data/x.ts", 'import "./y.node.ts";', /imports the Node-only file/],
    ["the runtime in another place", "cli/x.ts", 'import ort from "onnxruntime-node";', /loaded by engine/],
    [
      "the command line in the library",
      "library/x.ts",
      'import "../cli/main.ts";',
      /must not import from cli\//,
    ],
    [
      "the library in the command line",
      "cli/x.ts",
      'import { train } from "../library/train.ts";',
      /beside one another/,
    ],
    ["printing in a use case", "app/x.ts", '\nconsole.log("done");', /app\/x\.ts:2: prints/],
    ["arguments in a use case", "app/x.ts", "const [first] = process.argv;", /belongs to the command line/],
    ["a flag in a message", "app/x.ts", 'fail("Leave --ema out.");', /names a flag/],
    ["a flag in an error", "data/x.ts", "throw new Problem(`Try another --mirror.`);", /names a flag/],
    ["a folder without a layer", "misc/x.ts", "", /folder "misc" is in no layer/],
  ])("%s", (_, path, text, message) => {
    expect(problemsOf(source(path, text)).join("\n")).toMatch(message);
  });

  it("nothing of what is allowed", () => {
    for (const [path, text] of [
      ["cli/x.ts", 'import "../nn/y.ts";\nimport "node:fs";'],
      ["data/x.node.ts", 'import "node:fs";\nimport "./y.node.ts";'],
      ["app/x.ts", "/** As `train --dry-run` does. */\nlet left = 3;\nleft--;"],
      ["data/x.test.ts", 'import "node:fs";'],
      ["data/y.ts", "if (--all.users === 0) all.close();"],
      ["sweep/x.ts", 'start(["train", "--run", dir]);'],
      ["data/x.ts", 'const { y } = await import("./y.node.ts");'],
    ] as const)
      expect(problemsOf(source(path, text)), path).toEqual([]);
  });
});

it("the sources have no circles", () => {
  for (const folder of ["src", "web"])
    expect(cycleProblems(readSources(resolve(import.meta.dirname, "..", folder))), folder).toEqual([]);
});

it("files are as long as they may be, and no longer", () => {
  const lines = (count: number): string => "x\n".repeat(count);
  expect(lengthProblems("a.ts", lines(LONGEST))).toEqual([]);
  expect(lengthProblems("a.ts", `${lines(LONGEST - 1)}x`)).toEqual([]);
  expect(lengthProblems("a.ts", lines(LONGEST + 1))).toEqual([
    "a.ts: 301 lines, 300 at most; divide it by what it is about",
  ]);
});
