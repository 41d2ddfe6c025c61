import { describe, expect, test } from "vitest";
import { UserError } from "../../base/errors.ts";
import { DEVICES } from "../engine.ts";
import { PROBE_MODEL_BASE64 } from "../sessions/runtime.node.ts";
import { encodeModel, float } from "../testing/onnx.ts";
import { candidates, type Offer, parseDevice, requireDevice, unavailable } from "./devices.ts";

const linux: Offer = { providers: ["cpu", "webgpu", "cuda", "tensorrt"], platform: "linux/x64" };
const mac: Offer = { providers: ["cpu", "webgpu", "coreml"], platform: "darwin/arm64" };

const refusal = (work: () => unknown): UserError => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  }
  throw new Error("was not refused");
};

describe("choosing a device", () => {
  test("what the platform has is taken as asked", () => {
    expect(requireDevice("coreml", mac)).toBe("coreml");
    expect(requireDevice("cuda", linux)).toBe("cuda");
    expect(requireDevice("cpu", { providers: [], platform: "x" })).toBe("cpu");
  });

  test("auto may try what the platform has beside the CPU", () => {
    expect(candidates(linux)).toEqual(["cuda", "webgpu"]);
    expect(candidates(mac)).toEqual(["coreml", "webgpu"]);
    expect(candidates({ providers: ["cpu"], platform: "x" })).toEqual([]);
  });

  test.each([
    [
      "gpu",
      /"cuda" \(NVIDIA, on Linux\), "webgpu" \(any graphics card\), "coreml" \(macOS\) or "dml" \(Windows\)\? "auto"/,
    ],
    ["GPU:0", /"cuda"/],
    ["cuda:1", /^Did you mean "cuda"\?/],
    ["CUDA", /^Did you mean "cuda"\?/],
    ["mps", /^Did you mean "coreml" \(macOS\) or "webgpu"/],
    ["vulkan", /^Did you mean "webgpu" \(any graphics card\)\?/],
    ["cpuu", /^Did you mean "cpu"\?/],
    ["constructor", /^Known: auto, cpu/],
  ])("%s is no device here, and what it may mean is said", (name, hint) => {
    expect(refusal(() => parseDevice(name)).hint).toMatch(hint);
  });

  test("a browser has no command line to be told of", () => {
    const browser: Offer = { providers: ["cpu", "webgpu"], platform: "browser" };
    const error = unavailable("webgpu", browser, "The browser found no GPU adapter.");
    expect(error.message).toMatch(/in this browser.*cpu and webgpu.*no GPU adapter/);
    expect(`${error.message} ${error.hint}`).not.toMatch(/device: |npm|onnxruntime-node/);
    expect(refusal(() => requireDevice("cuda", browser)).message).toContain('"cuda"');
  });

  test.each(["coreml", "dml"] as const)("%s does not exist on Linux", (name) => {
    const error = refusal(() => requireDevice(name, linux));
    expect(error.message).toContain(`"${name}"`);
    expect(error.message).toContain("linux/x64");
    expect(error.message).toContain("offers cpu, webgpu, cuda here");
    expect(error.hint).toContain('device: "cpu"');
  });

  test("where a build has no WebGPU no driver is asked for", () => {
    const arm: Offer = { providers: ["cpu"], platform: "linux/arm64" };
    expect(refusal(() => requireDevice("webgpu", arm)).hint).toMatch(/no WebGPU for this platform/);
    expect(unavailable("webgpu", linux).hint).toMatch(/libvulkan1/);
  });

  test("CUDA on macOS is not offered a command that cannot work", () => {
    expect(refusal(() => requireDevice("cuda", mac)).hint).not.toContain("npm");
  });

  test("CUDA whose libraries are missing: one command, and what ONNX Runtime said", () => {
    const error = unavailable("cuda", linux, "OrtCuda: Failed to load shared library\nmore");
    expect(error.message).toMatch(/says: OrtCuda: Failed to load shared library$/);
    expect(error.hint).toMatch(/npm rebuild onnxruntime-node --ignore-scripts=false$/);
  });

  test("a slip of the finger gets a suggestion", () => {
    expect(refusal(() => parseDevice("cudda")).hint).toContain('Did you mean "cuda"');
    for (const device of DEVICES) expect(parseDevice(device)).toBe(device);
  });
});

test("the probe model is one Identity", () => {
  const model = encodeModel([{ op: "Identity", inputs: ["feed:x"], outputs: ["result:y"] }], {
    feeds: [float("x", 1)],
    results: [float("y", 1)],
    reads: [],
    writes: [],
  });
  expect(Buffer.from(model).toString("base64")).toBe(PROBE_MODEL_BASE64);
});
