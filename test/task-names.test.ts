/**
 * No file but those of the pretext tasks knows a task by name: others ask its description, or take
 * `USUAL_TASK`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SELF_SUPERVISIONS } from "../src/objectives/pretext/registry.ts";

/** Where a name is meant: paths below the root, and why. */
const MAY_NAME: readonly (readonly [RegExp, string])[] = [
  [/^src\/objectives\/paper-settings\.ts/, "the paper's setting"],
  [
    /^src\/studies\/reproduce\/(published\.ts|experiments\/(alpha|family)\.ts)/,
    "published results, by method",
  ],
  [
    /^src\/(studies\/online\/|cli\/commands\/forgetting\.ts)/,
    "the paper's figure 3, with and without rotation",
  ],
  [/^src\/training\/import\/mimicry\.ts/, "what a head of that project's files is"],
  [
    /^src\/(studies\/orient|(app|cli)\/.*: .*rotation head|data\/inspect\/contents\.ts)/,
    "a head for quarter turns",
  ],
  [/^src\/base\/quantities\.ts.* what: /, "an example where a quantity is explained"],
  [/^src\/(sweep\/file\.ts|cli\/commands\/export\.ts)/, "an example in help"],
  [/^web\/playground\/tour\/steps\.ts/, "the lesson is about it"],
  [/^web\/(playground\/train\/place|studio\/home\/query)\.ts/, "a word in links and searches of before"],
];

const NAMES = SELF_SUPERVISIONS.filter((name) => name !== "none");
const NAMED = new RegExp(`(?<![\\w/-])(${NAMES.join("|")})(?![\\w-])`, "i");

/** The lines of a source without its comments, whose numbers stay. */
const codeOf = (source: string): string[] =>
  source
    .replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|(?<=^|\s)\/\/.*$/gm, (comment) =>
      comment.replace(/[^\n]/g, ""),
    )
    .split("\n");

/** `path:line: text` of every line of code with a name of a task. */
const namedIn = (path: string, source: string): string[] =>
  codeOf(source).flatMap((line, i) => (NAMED.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : []));

const sources = ["src", "web"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .filter((path) => /\.(ts|svelte)$/.test(path) && !/\.test\.ts$|\/testing\//.test(path))
    .filter((path) => !path.startsWith("src/objectives/pretext/")),
);

it("are found in strings, keys and texts of pages, and not in comments", () => {
  expect(namedIn("a", '// rotation\nif (task === "rotation-la") x();\n/* jigsaw\n jigsaw */ y();')).toEqual([
    'a:2: if (task === "rotation-la") x();',
  ]);
  expect(namedIn("a", "<h1>The jigsaw task</h1>\nconst rotations = rotationHead;")).toEqual([
    "a:1: <h1>The jigsaw task</h1>",
  ]);
});

it("in no file that does not have to", () => {
  const found = sources.flatMap((path) => namedIn(path, readFileSync(path, "utf8")));
  const allowed = (line: string): boolean => MAY_NAME.some(([pattern]) => pattern.test(line));
  expect(found.filter((line) => !allowed(line))).toEqual([]);
  expect(MAY_NAME.filter(([pattern]) => !found.some((line) => pattern.test(line)))).toEqual([]);
});
