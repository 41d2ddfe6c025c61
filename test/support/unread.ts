/**
 * Options and configuration values that are declared and that no code reads. They would be
 * accepted, shown in help and documents, and change nothing.
 */
import type { SourceFile } from "../../scripts/imports.ts";
import { reachable } from "../../scripts/imports.ts";

/** The code of a file without its comments. */
const code = ({ text }: SourceFile): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");

/**
 * Options of a command that no file reads which its module can reach.
 * @param module path of the command's file
 * @param names of its options, without dashes and `no-`
 */
export function unreadOptions(
  module: string,
  names: readonly string[],
  files: readonly SourceFile[],
): string[] {
  const reached = reachable(module, files);
  const text = files
    .filter(({ path }) => reached.has(path) && path.startsWith("cli/"))
    .map(code)
    .join("\n");
  return [...new Set(names)].filter((name) => !optionReads(name).some((pattern) => pattern.test(text)));
}

/**
 * How code reads an option: an argument of a call, a row of a table of configuration paths, a
 * template.
 */
function optionReads(name: string): RegExp[] {
  const stem = name.replace(/[^-]+$/, "");
  return [
    new RegExp(`\\w\\((?:\\w+,\\s*)?"${name}"`),
    new RegExp(`\\["${name}",\\s*"[a-z]+\\.\\w+"`),
    ...(stem === "" ? [] : [new RegExp(`\\w\\((?:\\w+,\\s*)?\`${stem}\\$\\{`)]),
  ];
}

/**
 * What trains and what prepares it, without the folder where configuration is declared and checked.
 */
const TRAINING = /^(app|data|engine|metrics|models|nn|objectives|training(?!\/config\/))\//;

/**
 * Configuration paths whose last part nothing that trains reads as a property. (What a study calls
 * the same is another value.)
 * @param paths `optimizer.beta1`
 */
export function unreadPaths(paths: readonly string[], files: readonly SourceFile[]): string[] {
  const texts = files.filter(({ path }) => TRAINING.test(path)).map(code);
  return paths.filter((path) => {
    const [section = "", key = ""] = path.split(".");
    const reads = [
      // config.optimizer.beta1, optimizer.beta1, settings.beta1
      new RegExp(`\\.${key}\\b`),
      // const { beta1, beta2: decay } = …; ({ beta1 }: …) =>
      new RegExp(`\\{[^{}]*(?<![.:]\\s*)\\b${key}\\b[^{}]*\\}\\s*(?:=[^>=]|:\\s*\\w|\\)\\s*=>)`),
      new RegExp(`"${section}\\.${key}"`),
    ];
    return !texts.some((text) => reads.some((read) => read.test(text)));
  });
}
