/** The ONNX generator from the command line: at the end of training, from a checkpoint, and run by plain ONNX Runtime. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());
const train = (run: string, ...more: string[]): string[] => [
  "train",
  "pictures",
  ...TINY,
  "--run",
  run,
  ...more,
];

beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 64);
});

/** Run a model on `batch` latents that are all alike. */
async function imagesOf(path: string, batch: number): Promise<ort.Tensor> {
  const session = await ort.InferenceSession.create(path);
  expect([session.inputNames, session.outputNames]).toEqual([["z"], ["images"]]);
  const z = new ort.Tensor("float32", new Float32Array(batch * 8).fill(0.5), [batch, 8]);
  const { images } = await session.run({ z });
  await session.release();
  return images!;
}

describe("a finished run", () => {
  const settings = ["--set", "training.checkpointEvery=1", "--set", "training.emaStart=0"];
  it("has an ONNX generator that runs at any batch size", async () => {
    const { code, stdout } = await workspace.run(...train("a", "--steps", "2", ...settings));
    expect(code).toBe(0);
    expect(stdout).toMatch(/made {4}a\/export\/generator\.onnx \(.* kB; .*64 images/);
    for (const batch of [1, 7, 64]) {
      const images = await imagesOf(workspace.path("a", "export", "generator.onnx"), batch);
      expect([images.type, images.dims]).toEqual(["uint8", [batch, 3, 16, 16]]);
    }
  });

  it("names the file in its JSON document, and exports again when it is continued", async () => {
    const path = workspace.path("a", "export", "generator.onnx");
    const before = readFileSync(path);
    const { stdout } = await workspace.run(...train("a", "--steps", "3", ...settings, "--json"));
    expect(JSON.parse(stdout)).toMatchObject({ reason: "finished", made: [path] });
    expect(readFileSync(path).equals(before)).toBe(false);
  });

  it("export makes the same file again, or that of another step or the latest weights", async () => {
    const path = workspace.path("a", "export", "generator.onnx");
    const exported = async (...args: string[]): Promise<Buffer> => {
      const { code, stdout, stderr } = await workspace.run("export", "a", "--json", ...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const { path: file, comparison } = JSON.parse(stdout);
      expect(comparison).toMatchObject({ images: 64 });
      return readFileSync(file);
    };
    const first = readFileSync(path);
    expect((await exported()).equals(first)).toBe(true);
    expect((await exported("--ema", "--out", "same.onnx")).equals(first)).toBe(true);
    const { step, weights } = JSON.parse(
      (await workspace.run("export", "a", "--json", "--step", "1", "--no-ema", "--out", "old.onnx")).stdout,
    );
    expect({ step, weights }).toEqual({ step: 1, weights: "latest" });
    expect(readFileSync(workspace.path("old.onnx")).equals(first)).toBe(false);
    expect(readdirSync(workspace.path("a", "export"))).toEqual(["generator.onnx"]);
  });
});

it("an interrupted run has none, and export makes it from the checkpoint", async () => {
  const call = workspace.start(...train("b", "--steps", "100000"));
  await call.saw(/step \d+\/100,000/);
  call.child.kill("SIGINT");
  expect((await call.ended).code).toBe(130);
  expect(existsSync(workspace.path("b", "export"))).toBe(false);
  const { code, stdout } = await workspace.run("export", "b");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^b\/export\/generator\.onnx \(step /);
  expect((await imagesOf(workspace.path("b", "export", "generator.onnx"), 2)).dims).toEqual([2, 3, 16, 16]);
});

it.each([
  [["export", "nothing"], /not a run folder/],
  [["export"], /missing required args/i],
  [["export", "a", "--out", "picture.png"], /ONNX file[\s\S]*\.onnx/],
  [["export", "a", "--step", "99"], /no checkpoint of step 99/],
  [["export", "a", "--stepp", "1"], /--step"/],
])("%j is refused in plain words", async (args, message) => {
  const { code, stderr } = await workspace.run(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});
