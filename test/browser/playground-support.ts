/** The built playground in a real browser, served with and without the headers that isolate it. */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { type PageServer, servePages } from "../../scripts/serve-pages.ts";
import { launch } from "./browser.ts";

export const root = resolve(import.meta.dirname, "..", "..");
export const pageFolder = resolve(root, "dist", "pages", "playground");

/** Build the page, if it has changed since. */
export function buildPlayground(): void {
  execFileSync(process.execPath, ["--import", "tsx", resolve(root, "scripts/build-web.ts"), "playground"], {
    cwd: root,
    stdio: "pipe",
  });
}

/** Only ends a test that hangs: how fast a page is depends on what else the machine does. */
const PATIENCE = 300_000;

/** Expect something of the page once it has got there. */
export const eventually = <T>(look: () => Promise<T> | T) => expect.poll(look, { timeout: PATIENCE });

/** A page with what went wrong in it, and whatever it asked of other places. */
export interface OpenedPage {
  readonly page: Page;
  readonly problems: string[];
  readonly foreign: string[];
}

/** A browser and two servers of the page. */
export interface Playground {
  readonly isolated: PageServer;
  readonly plain: PageServer;
  open(address: string, options?: BrowserContextOptions): Promise<OpenedPage>;
  close(): Promise<void>;
}

/** Build the page, serve it twice and start a browser. */
export async function startPlayground(executablePath: string): Promise<Playground> {
  buildPlayground();
  const [isolated, plain] = [await servePages(pageFolder, true), await servePages(pageFolder, false)];
  const browser = await launch(executablePath);
  return {
    isolated,
    plain,
    async open(address, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      const problems: string[] = [];
      const foreign: string[] = [];
      page.on("pageerror", (error) => problems.push(error.message));
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      page.on("request", (request) => {
        const { origin, protocol } = new URL(request.url());
        if (protocol.startsWith("http") && origin !== new URL(address).origin) foreign.push(request.url());
      });
      await page.goto(address);
      return { page, problems, foreign };
    },
    async close() {
      await browser.close();
      for (const server of [isolated, plain]) await server.close();
    },
  };
}

/**
 * Drop files or folders of the disk onto the page, as the system does it when a person drags them
 * there. The browser lets go only over a page that has said it takes them, which shows in the
 * overlay.
 */
export async function dropOnto(page: Page, ...paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  const drag = (type: "dragEnter" | "dragOver" | "drop") =>
    session.send("Input.dispatchDragEvent", { type, x: 200, y: 200, data });
  await drag("dragEnter");
  await drag("dragOver");
  await page.getByText("Drop it here").waitFor();
  await drag("dragOver");
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await drag("drop");
  await session.detach();
}

/** Pixels of a canvas, [height · width · 3] values 0–255. */
export function canvasPixels(page: Page, selector: string): Promise<number[]> {
  return page.locator(selector).evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return Array.from(data).filter((_, i) => i % 4 !== 3);
  });
}
