/**
 * What is generated into `assets/` is what scripts/write-assets.ts makes of the packages it comes
 * from.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { generatedAssets } from "../scripts/write-assets.ts";

const FOLDER = join(import.meta.dirname, "..", "assets");

it.each(Object.entries(generatedAssets()))(
  "assets/%s is current (npm run assets writes it)",
  (name, bytes) => {
    expect(Buffer.compare(readFileSync(join(FOLDER, name)), bytes)).toBe(0);
  },
);
