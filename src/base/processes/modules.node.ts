/**
 * Modules of this program that another process runs: as JavaScript where the program is built, as
 * TypeScript in a checkout, which Node can load only with a loader.
 */
import { extname } from "node:path";

/**
 * A module beside the caller's.
 * @param name the file without its ending
 * @param caller the caller's `import.meta.url`
 */
export const moduleBeside = (name: string, caller: string): URL =>
  new URL(`./${name}${extname(caller)}`, caller);

/** Arguments of Node, before all others, with which it can load the module. */
export const loaderOf = ({ pathname }: URL): string[] =>
  pathname.endsWith(".ts") ? ["--import", import.meta.resolve("tsx")] : [];

/**
 * Arguments of Node that call an exported function of a module.
 * @param call for example `serve({"seconds":60})`
 */
export const callOf = (module: URL, call: string): string[] => [
  ...loaderOf(module),
  ...["--input-type=module", "--eval"],
  `await (await import(${JSON.stringify(module.href)})).${call};`,
];
