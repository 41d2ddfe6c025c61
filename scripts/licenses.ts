/**
 * What is bundled may be passed on only with its licenses: `licenses.md` beside each page. The
 * bundler writes it for pages, not for their workers, which are bundles of their own.
 */
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** Beside the page. */
export const LICENSES = "licenses.md";

/** The folder and name of the package that a module is from; undefined for one of ours. */
function packageOf(module: string): { folder: string; name: string } | undefined {
  const found = /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/]/.exec(
    module.replaceAll("\0", ""),
  );
  return found ? { folder: found[1]!, name: found[2]!.replaceAll("\\", "/") } : undefined;
}

/**
 * A section as the bundler writes them. ONNX Runtime's packages have no license file: what they say
 * of themselves.
 */
function section(folder: string): string {
  const { name, version, license, author, homepage } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const text = file
    ? readFileSync(join(folder, file), "utf8").trim()
    : `Copyright (c) ${author?.name ?? author ?? name}. ${homepage ?? ""}`.trim();
  return `\n## ${name} - ${version} (${license})\n\n${text}\n`;
}

/** Plugins of a build: one for its workers, and one for the page that adds what they bundle. */
export function licensesOfWorkers(): { readonly worker: () => Plugin[]; readonly page: Plugin } {
  const folders = new Map<string, string>();
  return {
    worker: () => [
      {
        name: "licenses-of-workers",
        generateBundle(_, bundle) {
          for (const part of Object.values(bundle))
            for (const module of part.type === "chunk" ? part.moduleIds : []) {
              const found = packageOf(module);
              if (found) folders.set(found.name, found.folder);
            }
        },
      },
    ],
    page: {
      name: "licenses-of-workers-page",
      writeBundle({ dir }) {
        const path = join(dir!, LICENSES);
        const written = readFileSync(path, "utf8");
        for (const [name, folder] of [...folders].sort())
          if (!written.includes(`## ${name} - `)) appendFileSync(path, section(folder));
      },
    },
  };
}
