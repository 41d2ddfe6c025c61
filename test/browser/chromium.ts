/** A browser for tests of pages: the Chromium of the system, found by its name on the PATH. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Where Chromium is; undefined where there is none. */
export function findChromium(): string | undefined {
  const places = (process.env.PATH ?? "").split(delimiter);
  return NAMES.flatMap((name) => places.map((place) => join(place, name))).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Why tests of pages are skipped; undefined where there is a browser. */
export const NO_CHROMIUM = findChromium()
  ? undefined
  : "no Chromium on the PATH (Debian: apt-get install chromium)";

/** Start it, without a window, however long that takes. */
export function launchChromium(executablePath: string, flags: readonly string[] = []): Promise<Browser> {
  // Chromium's own sandbox does not start for root, as in most containers.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args: [...sandbox, ...flags], timeout: 0 });
}

/** A new page that waits as long as it takes: no wall-clock limit belongs in a test. */
export async function openPage(
  browser: Browser,
  options: Parameters<Browser["newPage"]>[0] = {},
): Promise<Page> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(0);
  return page;
}

/** Wait until no color is on its way to another: it has no contrast of its own. */
export async function colorsSettled(page: Page): Promise<void> {
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
}

/** What axe finds wrong with the page as it is now: rule and elements, one line each. */
async function axeProblems(page: Page, rules: readonly string[]): Promise<string[]> {
  await colorsSettled(page);
  const { violations } = await page.evaluate(
    (values) =>
      (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run(
        values.length > 0 ? { runOnly: { type: "rule", values } } : {},
      ),
    [...rules],
  );
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
  );
}

/**
 * The same in light and in dark colors; the page is left in those that it had. What does not depend
 * on colors is looked for once.
 */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const dark = await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
  const problems = await axeProblems(page, []);
  await page.emulateMedia({ colorScheme: dark ? "light" : "dark" });
  const other = await axeProblems(page, ["color-contrast"]);
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
  return [...problems, ...other.map((problem) => `in ${dark ? "light" : "dark"}: ${problem}`)];
}

/**
 * Everything the page complains about: errors on its console, exceptions, requests that fail or go
 * elsewhere.
 */
export function complaintsOf(page: Page, origin: string): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url()))
      complaints.push(`asked for ${request.url()}`);
  });
  return complaints;
}
