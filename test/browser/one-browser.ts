/**
 * A browser for one test file: it is started before the first of its tests, and gone after the
 * last.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { complaintsOf, findChromium, launchChromium, openPage } from "./chromium.ts";

/** How a page is opened: its size, its colors, … */
export type PageOptions = Parameters<Browser["newPage"]>[0];

/** Without Chromium no page can be opened; tests that need one are skipped then. */
export function oneBrowser() {
  let browser: Browser;
  beforeAll(async () => {
    const executable = findChromium();
    if (executable) browser = await launchChromium(executable);
  });
  afterAll(() => browser?.close());
  const newPage = (options: PageOptions = {}): Promise<Page> => openPage(browser, options);
  return {
    newPage,
    /** A page at an address. */
    async open(address: string, options: PageOptions = {}): Promise<Page> {
      const page = await newPage(options);
      await page.goto(address);
      return page;
    },
    /** The same, with everything that it complains about from its beginning on. */
    async openHeard(
      address: string,
      options: PageOptions = {},
    ): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
      const page = await newPage(options);
      const complaints = complaintsOf(page, new URL(address).origin);
      await page.goto(address);
      return { page, complaints };
    },
  };
}
