/**
 * WebGPU for tests: on a machine without a graphics card by SwiftShader, a Vulkan driver in
 * software that comes with Chromium; slow, but the same shaders. QUARTERTURN_TEST_GPU=own takes the
 * machine's own driver instead.
 */
import { existsSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "../../src/base/errors.ts";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import { findChromium } from "../browser/chromium.ts";

/** Chromium's flags for the same. */
export const SOFTWARE_GPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Where Debian, and Chromium unpacked anywhere, have the driver's description. */
function softwareDriver(): string | undefined {
  const chromium = findChromium();
  const folders = ["/usr/lib/chromium", ...(chromium ? [dirname(realpathSync(chromium))] : [])];
  return folders.map((folder) => join(folder, "vk_swiftshader_icd.json")).find((file) => existsSync(file));
}

/**
 * Make the WebGPU provider of onnxruntime-node usable in this process, before it is first used.
 * @returns why it cannot be, or undefined
 */
export async function prepareGpu(): Promise<string | undefined> {
  if (process.env.QUARTERTURN_TEST_GPU !== "own") {
    const driver = softwareDriver();
    if (!driver) return "no software driver for WebGPU (Debian: apt-get install chromium)";
    process.env.VK_ICD_FILENAMES = driver;
    process.env.XDG_RUNTIME_DIR ??= mkdtempSync(join(tmpdir(), "quarterturn-gpu-"));
  }
  try {
    const engine = await createInThreadEngine({ device: "webgpu", threads: 1 });
    await engine.close();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
