/**
 * The two pages: `vite build --mode studio` (served by `quarterturn studio`) and `--mode playground` (static files for any host).
 * Everything is bundled: neither page loads anything from elsewhere.
 */
import { resolve } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defaultClientConditions, defineConfig } from "vite";
import { LICENSES, licensesOfWorkers } from "./scripts/licenses.ts";

const PAGES = ["studio", "playground"];

/** On a busy machine it would be said at every build how long which plugin took. */
const quiet = { checks: { pluginTimings: false } };

/** How everything for browsers is bundled; the pages of tests too. */
export const bundling = {
  // Relative, so that a page works below any path of any host.
  base: "./",
  worker: { format: "es" as const, rolldownOptions: quiet },
  // ONNX Runtime's WebAssembly files stay files of their own (src/engine/web/runtime.ts names them).
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
};

export default defineConfig(({ mode }) => {
  if (!PAGES.includes(mode)) throw new Error(`--mode must be one of ${PAGES.join(", ")}`);
  const { worker, page } = licensesOfWorkers();
  return {
    root: resolve(import.meta.dirname, "web", mode),
    ...bundling,
    worker: { ...bundling.worker, plugins: worker },
    plugins: [svelte({ configFile: false }), page],
    build: {
      outDir: resolve(import.meta.dirname, "dist", "pages", mode),
      emptyOutDir: true,
      license: { fileName: LICENSES },
      target: "es2023",
      rolldownOptions: quiet,
    },
  };
});
