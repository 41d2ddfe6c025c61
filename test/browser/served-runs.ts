/**
 * Studios over folders of records written by hand, and a browser to look at them with, for one test
 * file.
 */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll } from "vitest";
import { createIndexStore } from "../../src/studio/runs/index-store.ts";
import { type Studio, type StudioOptions, startStudio } from "../../src/studio/server/server.ts";
import type { Lock } from "../../src/training/run/folder/lock.node.ts";
import { oneBrowser, type PageOptions } from "./one-browser.ts";

/**
 * What a file of tests serves. Browser, studios, locks and folders are gone after the last of its
 * tests.
 * @param name of the folder they lie below
 */
export function servedRuns(name: string) {
  const base = mkdtempSync(join(tmpdir(), `quarterturn-${name}-`));
  const served: Studio[] = [];
  const locks: Lock[] = [];
  afterAll(async () => {
    for (const lock of locks) await lock.release();
    await Promise.all(served.map((studio) => studio.close()));
    await rm(base, { recursive: true, force: true });
  });
  // After the above, so that it is closed before what it looks at.
  const { newPage, open, openHeard } = oneBrowser();
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
    openHeard,
    open: (studio: Studio, hash: string, options: PageOptions = {}): Promise<Page> =>
      open(studio.url + hash, options),
  };
}
