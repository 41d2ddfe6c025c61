/**
 * Lays a gzip and a Brotli file beside every file of a built page that becomes smaller by it, so
 * that whoever serves the page need not compress megabytes of WebAssembly for every visitor. Hosts
 * that know such neighbors send them (`gzip_static`, `precompressed`).
 */
import { readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const KINDS = new Set([".css", ".html", ".js", ".json", ".mjs", ".onnx", ".svg", ".wasm"]);
/** Brotli's best levels take twenty times as long for a twentieth less. */
const BROTLI_QUALITY = 5;
const GZIP_LEVEL = 6;
/** What a compressed file may have of the plain one's length. */
const WORTH = 0.9;

/** Compress what lies in `folder`. @returns bytes of all files that were, plain and as gzip */
export async function compressPages(
  folder: string,
): Promise<{ readonly plain: number; readonly gzip: number }> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && KINDS.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
  const total = { plain: 0, gzip: 0 };
  for (const path of paths) {
    const bytes = await readFile(path);
    const forms = {
      ".gz": await promisify(gzip)(bytes, { level: GZIP_LEVEL }),
      ".br": await promisify(brotliCompress)(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      }),
    };
    if (forms[".gz"].length > WORTH * bytes.length) continue;
    for (const [ending, form] of Object.entries(forms)) await writeFile(path + ending, form);
    total.plain += bytes.length;
    total.gzip += forms[".gz"].length;
  }
  return total;
}
