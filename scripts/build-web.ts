/**
 * Builds the pages named (`studio`, `playground`) into `dist/pages/`, each only if something it may
 * be made of has changed since: `npm start` builds the studio before every run.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

function contentHash(...paths: string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    const names = readdirSync(join(root, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const name of names) hash.update(name).update("\0").update(readFileSync(name)).update("\0");
  }
  for (const file of ["vite.config.ts", "package-lock.json"]) hash.update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

const hash = contentHash("web", "src");
for (const page of process.argv.slice(2)) {
  const stamp = join(root, "dist", "pages", `${page}.hash`);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) continue;
  const { build } = await import("vite");
  await build({ mode: page, configFile: join(root, "vite.config.ts"), logLevel: "warn" });
  if (page === "playground") {
    const { writeSamples } = await import("./build-samples.ts");
    const folder = join(root, "dist", "pages", page);
    await writeSamples(folder);
    const { compressPages } = await import("./compress-pages.ts");
    await compressPages(folder);
  }
  if (page === "studio") {
    // For the example page of exports: the package it is from is not installed with this one.
    const { compressRuntime, RUNTIME_FILES } = await import("../src/training/export/browser-runtime.node.ts");
    const runtime = await compressRuntime();
    const folder = join(root, "dist", "pages", "runtime");
    mkdirSync(folder, { recursive: true });
    for (const kind of ["script", "wasm"] as const)
      writeFileSync(join(folder, `${RUNTIME_FILES[kind]}.gz`), runtime[kind]);
  }
  writeFileSync(stamp, hash);
}
