/**
 * onnxruntime-web as it is put into a page: what the build has laid beside the program, or in a
 * checkout the installed package.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";

/** The two files of the runtime, each compressed with gzip. */
export interface BrowserRuntime {
  /** A module of JavaScript. */
  readonly script: Uint8Array;
  readonly wasm: Uint8Array;
}

/**
 * Names of the package's files: the CPU alone, with the WebAssembly's own JavaScript in the module.
 */
export const RUNTIME_FILES = {
  script: "ort.wasm.bundle.min.mjs",
  wasm: "ort-wasm-simd-threaded.wasm",
} as const;

/** Where the build puts them, seen from the built program. */
const BUILT = "../../pages/runtime";

/** Read the runtime. @throws UserError when neither place has it */
export async function browserRuntime(): Promise<BrowserRuntime> {
  return (await readBuilt().catch(() => undefined)) ?? (await compressRuntime());
}

async function readBuilt(): Promise<BrowserRuntime> {
  const folder = fileURLToPath(new URL(BUILT, import.meta.url));
  const read = (name: string): Promise<Buffer> => readFile(join(folder, `${name}.gz`));
  return { script: await read(RUNTIME_FILES.script), wasm: await read(RUNTIME_FILES.wasm) };
}

/** The runtime out of the installed package. @throws UserError when it is not installed */
export async function compressRuntime(): Promise<BrowserRuntime> {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
    const packed = async (name: string): Promise<Buffer> =>
      promisify(gzip)(await readFile(join(folder, name)));
    return { script: await packed(RUNTIME_FILES.script), wasm: await packed(RUNTIME_FILES.wasm) };
  } catch (error) {
    throw new UserError(
      "The example page needs onnxruntime-web, which is neither built in nor installed.",
      `Install it beside this package (npm install onnxruntime-web), or leave the page out: ${option("only", "generator,discriminator,weights,card")}`,
      { cause: error },
    );
  }
}
