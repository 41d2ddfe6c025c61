/**
 * What files import from one another, read from their text: for the check of layers, for the
 * diagram of the architecture, and for tests that ask what a command can reach.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** An import, as it is written. */
export interface Import {
  /** `./tensor.ts`, `node:fs`, `zod`. */
  readonly specifier: string;
  /** For a file of the same tree: its path from the root; undefined for everything else. */
  readonly file: string | undefined;
  /** Counted from 1. */
  readonly line: number;
  /** `type`: gone when the program runs; `dynamic`: loaded when it is needed. */
  readonly kind: "static" | "type" | "dynamic";
}

/** A source file. */
export interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const PATTERN =
  /^(?:import|export)\b(?<type>\s+type\b)?[^"';]*?\bfrom\s+"(?<from>[^"]+)"|^import\s+"(?<bare>[^"]+)"|\bimport\s*\(\s*"(?<dynamic>[^"]+)"/gm;

/** All TypeScript files below a folder. */
export function readSources(root: string): SourceFile[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts"))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), "utf8");
      return { path, text, imports: importsIn(text, path, root) };
    });
}

/** The imports in a file's text. @param path from `root` */
export function importsIn(text: string, path: string, root: string): Import[] {
  return [...text.matchAll(PATTERN)].map(({ index, groups = {} }) => {
    const specifier = groups.from ?? groups.bare ?? groups.dynamic ?? "";
    const target = resolve(root, dirname(path), specifier);
    return {
      specifier,
      file: specifier.startsWith(".") ? relative(root, target).replaceAll("\\", "/") : undefined,
      line: text.slice(0, index).split("\n").length,
      kind: groups.dynamic !== undefined ? "dynamic" : groups.type !== undefined ? "type" : "static",
    };
  });
}

/** Whether a file belongs to the tests. */
export const isTest = (path: string): boolean => path.endsWith(".test.ts") || path.includes("/testing/");

/** What a file can reach through imports of any kind, itself included. */
export function reachable(from: string, files: readonly SourceFile[]): Set<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set([from]);
  for (const path of reached)
    for (const { file } of byPath.get(path)?.imports ?? []) if (file !== undefined) reached.add(file);
  return reached;
}

/**
 * Groups of files that import one another in a circle (Tarjan's strongly connected components of
 * more than one file), each sorted.
 * @param kinds which imports count
 */
export function importCycles(files: readonly SourceFile[], kinds: readonly Import["kind"][]): string[][] {
  const targets = new Map(
    files.map(({ path, imports }) => [
      path,
      imports.filter(({ kind }) => kinds.includes(kind)).flatMap(({ file }) => file ?? []),
    ]),
  );
  const [index, low] = [new Map<string, number>(), new Map<string, number>()];
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (path: string): void => {
    index.set(path, index.size);
    low.set(path, index.get(path)!);
    stack.push(path);
    for (const target of targets.get(path) ?? []) {
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(path, Math.min(low.get(path)!, low.get(target)!));
    }
    if (low.get(path) !== index.get(path)) return;
    const group = stack.splice(stack.indexOf(path));
    if (group.length > 1) cycles.push(group.sort());
  };
  for (const { path } of files) if (!index.has(path)) visit(path);
  return cycles;
}
