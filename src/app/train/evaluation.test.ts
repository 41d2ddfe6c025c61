/** What training measures with is opened before it begins, and can be stopped while it is. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { tinyFeatures } from "../../../test/support/tiny-features.ts";
import { temporaryFolders, writePictures } from "../../data/testing/images.node.ts";
import { createInThreadEngine } from "../../engine/node.node.ts";
import { loadPreset } from "../../training/config/presets.node.ts";
import { resolveConfig } from "../../training/config/resolve.ts";
import { openTrainEvaluation } from "./evaluation.ts";

const newFolder = temporaryFolders();

it("aborting while the reference images are packed ends it with the reason", async () => {
  const folder = newFolder();
  vi.stubEnv("QUARTERTURN_CACHE", join(folder, "cache"));
  writeFileSync(join(folder, "tiny.onnx"), tinyFeatures({ side: 16 }));
  const pictures = join(folder, "pictures");
  await writePictures(pictures, 4);
  const sets = ["training.evaluateEvery=1", `training.evaluateFeatures=${join(folder, "tiny.onnx")}`];
  const { config } = resolveConfig({
    preset: loadPreset(undefined),
    sets: [...sets, "data.split=all", "data.resolution=16", `data.source=${pictures}`],
    flags: [],
  });
  const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
  const reason = new Error("enough");
  try {
    const opening = openTrainEvaluation(config, engine, {
      ...{ report: () => undefined, measured: undefined },
      signal: AbortSignal.abort(reason),
    });
    await expect(opening).rejects.toBe(reason);
  } finally {
    await engine.close();
    vi.unstubAllEnvs();
  }
});
