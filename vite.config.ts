/**
 * The two pages: `vite build --mode studio` (served by `quarterturn studio`) and `--mode playground` (static files for any host).
 * Everything is bundled: neither page loads anything from elsewhere.
 */
import { resolve } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const PAGES = ["studio", "playground"];

export default defineConfig(({ mode }) => {
  if (!PAGES.includes(mode)) throw new Error(`--mode must be one of ${PAGES.join(", ")}`);
  return {
    root: resolve(import.meta.dirname, "web", mode),
    // Relative, so that the playground works below any path of any host.
    base: "./",
    plugins: [svelte({ configFile: false })],
    worker: { format: "es" as const },
    build: {
      outDir: resolve(import.meta.dirname, "dist", "pages", mode),
      emptyOutDir: true,
      target: "es2023",
    },
  };
});
