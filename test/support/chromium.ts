/** A Chromium on this machine, for tests of pages. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** Path of the first one on PATH; undefined where there is none, which is said once, as tests are then skipped. */
export function findChromium(): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter))
    for (const name of NAMES) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {}
    }
  console.warn(`Tests of pages are skipped: none of ${NAMES.join(", ")} is on PATH.`);
  return undefined;
}
