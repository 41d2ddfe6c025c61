/** Studios over folders of records written by hand, and a browser to look at them with, for one test file. */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { createIndexStore } from "../../src/studio/index-store.ts";
import { type Studio, type StudioOptions, startStudio } from "../../src/studio/server.ts";
import type { Lock } from "../../src/training/lock.node.ts";
import { findChromium, launchChromium, openPage } from "./chromium.ts";

type PageOptions = Parameters<Browser["newPage"]>[0];

/**
 * What a file of tests serves. Browser, studios, locks and folders are gone after the last of its tests.
 * @param name of the folder they lie below
 */
export function servedRuns(name: string) {
  const base = mkdtempSync(join(tmpdir(), `quarterturn-${name}-`));
  const served: Studio[] = [];
  const locks: Lock[] = [];
  let browser: Browser;
  beforeAll(async () => {
    const executable = findChromium();
    if (executable) browser = await launchChromium(executable);
  });
  afterAll(async () => {
    await browser?.close();
    for (const lock of locks) await lock.release();
    await Promise.all(served.map((studio) => studio.close()));
    await rm(base, { recursive: true, force: true });
  });
  const newPage = (options: PageOptions = {}): Promise<Page> => openPage(browser, options);
  return {
    base,
    /** A lock that is given back in the end. */
    hold(lock: Lock): void {
      locks.push(lock);
    },
    /** Serve a folder below `base`. */
    async serve(folder: string, options: Partial<StudioOptions> = {}): Promise<Studio> {
      const store = createIndexStore(join(base, "cache", folder));
      const studio = await startStudio({ root: join(base, folder), port: 0, store, ...options });
      served.push(studio);
      return studio;
    },
    newPage,
    async open(studio: Studio, hash: string, options: PageOptions = {}): Promise<Page> {
      const page = await newPage(options);
      await page.goto(studio.url + hash);
      return page;
    },
  };
}
