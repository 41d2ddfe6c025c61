/** The page of the engine's tests: built by Vite as ours are. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import type { PageServer } from "../../scripts/serve-pages.ts";
import { bundling } from "../../vite.config.ts";
import { openPage } from "./chromium.ts";

export { findChromium, launchChromium as launch, NO_CHROMIUM } from "./chromium.ts";

/** The page of test/browser/page, built. `remove` deletes it. */
export async function buildTestPage(): Promise<{ readonly folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "quarterturn-page-"));
  await build({
    ...bundling,
    configFile: false,
    root: resolve(import.meta.dirname, "page"),
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true, target: "es2023", minify: false },
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Open the test page, use it, close it.
 * @throws Error when it asked for anything from elsewhere
 */
export async function withPage<T>(
  browser: Browser,
  served: PageServer,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const page = await openPage(browser);
  const outside: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(served.address) && !/^(data|blob):/.test(url)) outside.push(url);
  });
  try {
    await page.goto(served.address);
    await page.waitForFunction(() => "underTest" in globalThis);
    const result = await use(page);
    if (outside.length > 0) throw new Error(`The page asked for ${outside.join(", ")}`);
    return result;
  } finally {
    await page.close();
  }
}
