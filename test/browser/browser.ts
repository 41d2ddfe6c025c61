/** The page of the engine's tests: built by Vite as ours are, and served with chosen headers. */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { bundling } from "../../vite.config.ts";

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

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

/** A folder served on this machine. */
export interface Served {
  readonly url: string;
  /** Paths asked for so far. */
  readonly requested: readonly string[];
  close(): Promise<void>;
}

/** Serve a folder; `isolated` with the headers that let pages share memory. */
export async function serveFolder(folder: string, isolated: boolean): Promise<Served> {
  const requested: string[] = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    requested.push(path);
    const file = join(folder, normalize(path === "/" ? "/index.html" : path));
    try {
      const content = await readFile(file);
      response.writeHead(200, {
        "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
        ...(isolated && {
          "Cross-Origin-Opener-Policy": "same-origin",
          "Cross-Origin-Embedder-Policy": "require-corp",
        }),
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requested,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/**
 * Open the test page, use it, close it.
 * @throws Error when it asked for anything from elsewhere
 */
export async function withPage<T>(
  browser: Browser,
  served: Served,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const page = await browser.newPage();
  const outside: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(served.url) && !/^(data|blob):/.test(url)) outside.push(url);
  });
  try {
    await page.goto(served.url);
    await page.waitForFunction(() => "underTest" in globalThis);
    const result = await use(page);
    if (outside.length > 0) throw new Error(`The page asked for ${outside.join(", ")}`);
    return result;
  } finally {
    await page.close();
  }
}
