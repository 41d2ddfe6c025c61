/**
 * The ONNX generator from the command line: at the end of training, from a checkpoint, and run by
 * plain ONNX Runtime.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { decodeSafetensors } from "../../src/training/safetensors.ts";
import { makePictures, train, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());
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
      const { files } = JSON.parse(stdout);
      expect(files).toMatchObject([{ part: "generator", check: { images: 64 } }]);
      return readFileSync(files[0].path);
    };
    const first = readFileSync(path);
    expect((await exported("--only", "generator")).equals(first)).toBe(true);
    expect((await exported("--ema", "--out", "same.onnx")).equals(first)).toBe(true);
    const { step, weights } = JSON.parse(
      (await workspace.run("export", "a", "--json", "--step", "1", "--no-ema", "--out", "old.onnx")).stdout,
    );
    expect({ step, weights }).toEqual({ step: 1, weights: "latest" });
    expect(readFileSync(workspace.path("old.onnx")).equals(first)).toBe(false);
    expect(readdirSync(workspace.path("a", "export"))).toEqual(["generator.onnx"]);
  });

  it("is handed over as networks, weights, card and page, that agree with each other", async () => {
    const { code, stdout } = await workspace.run(
      ...["export", "a", "--out", "all", "--maps", "--license", "cc-by-4.0", "--json"],
    );
    expect(code).toBe(0);
    const { files } = JSON.parse(stdout);
    expect(files.map(({ part }: { part: string }) => part)).toEqual([
      ...["generator", "discriminator", "weights", "example", "card"],
    ]);
    expect(readdirSync(workspace.path("all")).sort()).toEqual([
      ...[
        "README.md",
        "discriminator.onnx",
        "example.html",
        "generator.onnx",
        "samples.png",
        "weights.safetensors",
      ],
    ]);

    // The generator's images go into the discriminator as they are.
    const images = await imagesOf(workspace.path("all", "generator.onnx"), 3);
    const session = await ort.InferenceSession.create(workspace.path("all", "discriminator.onnx"));
    const judged = await session.run({ images });
    await session.release();
    expect(judged.score?.dims).toEqual([3]);
    expect(judged.rotation?.dims).toEqual([3, 4]);
    expect(judged.block1?.dims[0]).toBe(3);
    expect(judged.block1_map?.dims).toEqual([3, judged.block1?.dims[1], 8, 8]);

    const { tensors, metadata } = decodeSafetensors(
      new Uint8Array(readFileSync(workspace.path("all", "weights.safetensors"))),
      "weights",
    );
    const checkpoint = decodeSafetensors(
      new Uint8Array(readFileSync(workspace.path("a", "checkpoints", "0000003", "weights.safetensors"))),
      "checkpoint",
    );
    // Besides what the checkpoint holds, the statistics that the default preset shows its averaged weights with.
    const statistics = [...checkpoint.tensors.keys()].filter((name) =>
      /^generator\/.*(mean|variance)$/.test(name),
    );
    expect([...tensors.keys()].sort()).toEqual(
      [...checkpoint.tensors.keys(), ...statistics.map((name) => `standing/${name}`)].sort(),
    );
    expect(tensors.get("ema/generator/block1/conv1/kernel")).toEqual(
      checkpoint.tensors.get("ema/generator/block1/conv1/kernel"),
    );
    expect(metadata).toMatchObject({ layout: "OIHW", step: "3", name: "a" });
    expect(metadata.config).not.toContain(workspace.folder);

    const card = readFileSync(workspace.path("all", "README.md"), "utf8");
    const [, front = "", body = ""] = card.split(/^---$/m);
    expect(parse(front)).toMatchObject({
      license: "cc-by-4.0",
      library_name: "onnx",
      pipeline_tag: "unconditional-image-generation",
    });
    for (const file of ["generator.onnx", "discriminator.onnx", "weights.safetensors", "samples.png"])
      expect(body).toContain(`\`${file}\``);
    expect(body).toMatch(/npx quarterturn train \S*pictures --preset laptop --steps 3 --seed 1 .*--set/);
    expect(card).not.toContain(workspace.folder);

    // What the card says about using the generator in Node is what works.
    const [, snippet = ""] = /```js\n([\s\S]*?)```/.exec(body) ?? [];
    const runtime = pathToFileURL(createRequire(import.meta.url).resolve("onnxruntime-node")).href;
    const script = workspace.path("all", "use.mjs");
    const imported = snippet.replace('* as ort from "onnxruntime-node"', `ort from "${runtime}"`);
    writeFileSync(script, `${imported}\nconsole.log(images.type, images.dims.join());`);
    const used = spawnSync(process.execPath, [script], { cwd: workspace.path("all"), encoding: "utf8" });
    expect(used.stdout).toBe("uint8 16,3,16,16\n");
  });

  it("of a single part, only that one is written", async () => {
    const { code } = await workspace.run("export", "a", "--only", "weights", "--out", "w/only.safetensors");
    expect(code).toBe(0);
    expect(readdirSync(workspace.path("w"))).toEqual(["only.safetensors"]);
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
  expect(stdout).toMatch(/^b\/export\/generator\.onnx \([^)]*64 images[\s\S]*\nstep \d/);
  expect((await imagesOf(workspace.path("b", "export", "generator.onnx"), 2)).dims).toEqual([2, 3, 16, 16]);
});

it.each([
  [["export", "nothing"], /not a run folder/],
  [["export"], /missing required args/i],
  [["export", "a", "--out", "picture.png"], /no part[\s\S]*ONNX file \(\.onnx\)/],
  [["export", "a", "--only", "generatr"], /Did you mean "generator"/],
  [["export", "a", "--only", "card,weights", "--out", "x.onnx"], /one file, but weights, card are asked for/],
  [["export", "a", "--only", "weights", "--out", "x.onnx"], /weights is another kind/],
  [["export", "a", "--license", "My own"], /identifier of the Hugging Face hub/],
  [["export", "a", "--step", "99"], /no checkpoint of step 99/],
  [["export", "a", "--stepp", "1"], /--step"/],
])("%j is refused in plain words", async (args, message) => {
  const { code, stderr } = await workspace.run(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});
