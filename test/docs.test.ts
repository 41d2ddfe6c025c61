/**
 * The documentation says what the code does: generated sections are current, links lead somewhere,
 * formats are complete.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { architectureSvg, directImports } from "../scripts/architecture.ts";
import { resultSections } from "../scripts/docs-results.ts";
import { SECTIONS, withSections } from "../scripts/docs-sections.ts";

const root = resolve(import.meta.dirname, "..");
const documents = readdirSync(join(root, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);
const read = (name: string): string => readFileSync(join(root, name), "utf8");

it.each(documents)("%s is current (if not: npm run docs)", (name) => {
  expect(withSections(read(name))).toBe(read(name));
});

it("docs/images/architecture.svg shows what imports from what (if not: npm run docs)", () => {
  expect(read("docs/images/architecture.svg")).toBe(architectureSvg());
});

it("arrows that follow from others are left out of it", () => {
  const all = new Map([
    ["a", new Set(["b", "c", "d"])],
    ["b", new Set(["c"])],
    ["c", new Set<string>()],
    ["d", new Set(["c"])],
  ]);
  expect(directImports(all)).toEqual([
    ["a", "b"],
    ["a", "d"],
    ["b", "c"],
    ["d", "c"],
  ]);
});

it("a kept result becomes a section with its figure", () => {
  const folder = mkdtempSync(join(tmpdir(), "quarterturn-results-"));
  try {
    const report = { title: "A table", rows: "Model", steps: 5, scale: "tiny", complete: true, settings: {} };
    const lists = { cells: [], charts: [], notes: ["A note."], protocols: [], runs: [] };
    writeFileSync(join(folder, "table.json"), JSON.stringify({ ...report, ...lists, data: "toys" }));
    writeFileSync(join(folder, "table.svg"), "<svg/>");
    const sections = resultSections(folder);
    expect(Object.keys(sections)).toEqual(["results table"]);
    const text = sections["results table"]!();
    expect(text).toMatch(/^### A table\n/);
    expect(text).toContain("* A note.");
    expect(text).toContain("![A table](results/table.svg)");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it("every generated section is in a document", () => {
  const all = documents.map(read).join("\n");
  for (const name of Object.keys(SECTIONS)) expect(all).toContain(`<!-- generated: ${name} -->`);
});

it("every relative link leads to a file", () => {
  for (const name of ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", ...documents])
    for (const [, link, source] of read(name).matchAll(/\]\(([^)#\s]+)[^)]*\)|<img [^>]*src="([^"]+)"/g)) {
      const target = link ?? source!;
      if (!/^[a-z]+:/.test(target))
        expect(existsSync(resolve(root, dirname(name), target)), `${name}: ${target}`).toBe(true);
    }
});

it("a program is printed node by node, as the page on debugging says", () => {
  const print = (...args: string[]) =>
    spawnSync(process.execPath, ["--import", "tsx", "scripts/print-graph.ts", ...args], {
      cwd: root,
      encoding: "utf8",
    });
  const small = ["--set", "generator.width=8", "--set", "discriminator.width=8"];
  const { stdout, status } = print("sampler", ...small);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^#\d+ +conv2d\(#\d+, .*\) +float32 \[\d+, .*\] +nn\/convolution\.ts:\d+$/m);
  expect(stdout).toMatch(/^\S+ = #\d+$/m);
  expect(print("nothing", ...small)).toMatchObject({ status: 2, stderr: expect.stringContaining("sampler") });
});

describe("sections", () => {
  it("replace what stands between the marks, and only that", () => {
    const before = "a\n<!-- generated: configuration -->\noutdated\n<!-- end -->\nb\n";
    const after = withSections(before);
    expect(after).toMatch(/^a\n<!-- generated: configuration -->\n\n\| Path[\s\S]*\n\n<!-- end -->\nb\n$/);
    expect(after).not.toContain("outdated");
    expect(withSections(after)).toBe(after);
  });

  it("that nobody makes, or that never end, are refused", () => {
    expect(() => withSections("<!-- generated: nothing -->\n<!-- end -->")).toThrow(/no section "nothing"/);
    expect(() => withSections("<!-- generated: configuration -->\n")).toThrow(/no <!-- end -->/);
  });
});

it("dependents are told the word that keeps ONNX Runtime's installer from downloading, and it is the right one", () => {
  const word = "ONNXRUNTIME_NODE_INSTALL=skip npm install quarterturn";
  expect(read("README.md")).toContain(word);
  expect(read("docs/library.md")).toContain(word);
  expect(read("docs/library.md")).toContain("`onnxruntime-node-install=skip`");
  const installer = join(root, "node_modules/onnxruntime-node/script/install-utils.js");
  const { parseInstallFlag } = createRequire(installer)(installer) as { parseInstallFlag(): unknown };
  const before = process.env.ONNXRUNTIME_NODE_INSTALL;
  try {
    delete process.env.ONNXRUNTIME_NODE_INSTALL;
    expect(parseInstallFlag()).toBeUndefined();
    process.env.ONNXRUNTIME_NODE_INSTALL = "skip";
    // Its install script exits at once on false.
    expect(parseInstallFlag()).toBe(false);
  } finally {
    if (before === undefined) delete process.env.ONNXRUNTIME_NODE_INSTALL;
    else process.env.ONNXRUNTIME_NODE_INSTALL = before;
  }
});
