/**
 * `import`: networks of mimicry answer here what they answered in PyTorch, and are a run for every
 * command.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findCheckpoint, runConfig } from "../../src/app/support/load-generator.ts";
import type { Engine, TensorMap } from "../../src/engine/engine.ts";
import { createEngine } from "../../src/engine/node.node.ts";
import { compile, input, substitute } from "../../src/graph/index.ts";
import type { Program } from "../../src/graph/program.ts";
import { traceNetwork } from "../../src/nn/scope.ts";
import { infoNce } from "../../src/objectives/auxiliary/infomax.ts";
import { networkState } from "../../src/objectives/flat.ts";
import { decodeImages } from "../../src/objectives/images.ts";
import { discriminatorOf } from "../../src/objectives/networks.ts";
import { discriminatorProgram } from "../../src/objectives/programs/discriminator-program.ts";
import { networkLayout } from "../../src/objectives/programs/initial-state.ts";
import { floatSamplerProgram } from "../../src/objectives/programs/sampler.ts";
import type { Config } from "../../src/training/config/schema.ts";
import { assembleState } from "../../src/training/run/checkpoint/weights.ts";
import { makePictures, Workspace } from "./support.ts";

interface Answers {
  readonly title: string;
  readonly step: number;
  readonly z: readonly number[];
  readonly y: readonly number[] | null;
  readonly pixels: readonly number[];
  readonly sample: readonly number[];
  readonly logits: readonly number[];
  readonly turns: readonly number[] | null;
  /** InfoNCE loss of the images, of a network with projections. */
  readonly contrast?: number;
}
const FILES = join(import.meta.dirname, "../goldens/mimicry");
const golden = JSON.parse(readFileSync(join(FILES, "answers.json"), "utf8")) as Answers[];

const workspace = new Workspace();
let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ device: "cpu", threads: 1 });
});
afterAll(async () => {
  await engine.close();
  workspace.remove();
});

async function answer(program: Program, run: string, feeds: TensorMap): Promise<TensorMap> {
  const [config, { checkpoint }] = [await runConfig(run), await findCheckpoint(run, undefined)];
  const entries = program.reads.map(({ name }) => name);
  await engine.writeState(assembleState(checkpoint.named, entries, networkLayout(config), run));
  const executable = await engine.compile(program);
  try {
    return await executable.run(feeds);
  } finally {
    await executable.release();
  }
}

/** The InfoNCE loss of two images under the configuration of a run. */
function contrastProgram(config: Config): Program {
  const trace = traceNetwork("discriminator", false);
  const images = input("images", [2, 32, 32, 3], "uint8");
  const discriminator = discriminatorOf(config);
  const upright = { images: decodeImages(images, "symmetric"), classes: undefined };
  const judged = discriminator.apply(trace.scope, [upright], "primary");
  const { outputs } = discriminator.auxiliary(trace.scope, discriminator.auxiliaries[0]!, () => judged);
  const { reads, replacements } = networkState(trace);
  const results = substitute({ contrast: infoNce(outputs.local!, outputs.global!) }, replacements);
  return compile({ name: "contrast", feeds: { images }, reads, results }, engine.target);
}

describe.each(golden)("$title", ({ title, step, z, y, pixels, sample, logits, turns, contrast }) => {
  const run = workspace.path(title);
  const labels = y && { labels: BigInt64Array.from(y, BigInt) };

  it("is imported with the step it was saved at", async () => {
    const args = [join(FILES, `${title}-netG.pth`), "--discriminator", join(FILES, `${title}-netD.pth`)];
    const { code, stdout } = await workspace.run("import", ...args, "--run", run);
    expect(code).toBe(0);
    expect(stdout).toContain(`${title}: 32×32, generator of 16 channels, discriminator of 16, step 7,000`);
    expect((await findCheckpoint(run, undefined)).checkpoint.meta.progress.step).toBe(step);
  });

  it("makes the images that PyTorch makes", async () => {
    const program = floatSamplerProgram(await runConfig(run), engine.target, 2);
    const { images } = await answer(program, run, { latents: Float32Array.from(z), ...labels });
    // Every third pixel of every third row, channel by channel; here they are interleaved, in 0 … 255.
    const found: number[] = [];
    for (let n = 0; n < 2; n++)
      for (let c = 0; c < 3; c++)
        for (let row = 0; row < 32; row += 3)
          for (let column = 0; column < 32; column += 3)
            found.push(Number(images![((n * 32 + row) * 32 + column) * 3 + c]) / 127.5 - 1);
    expect(found).toHaveLength(sample.length);
    const worst = Math.max(...found.map((value, i) => Math.abs(value - sample[i]!)));
    expect(worst).toBeLessThan(2e-5);
  });

  it("judges images as PyTorch does, with the input's ReLU in the shortcuts", async () => {
    const { program } = discriminatorProgram(await runConfig(run), engine.target, { batch: 2 });
    const { score, rotation } = await answer(program, run, { images: Uint8Array.from(pixels), ...labels });
    const near = (found: ArrayLike<number | bigint>, expected: readonly number[]): void => {
      expect(found).toHaveLength(expected.length);
      for (const [i, value] of expected.entries())
        expect(Math.abs(Number(found[i]) - value)).toBeLessThan(2e-4 * Math.max(1, Math.abs(value)));
    };
    near(score!, logits);
    if (turns) near(rotation!, turns);
    else expect(rotation).toBeUndefined();
  });

  it.runIf(contrast !== undefined)("contrasts places of images as PyTorch does", async () => {
    const program = contrastProgram(await runConfig(run));
    const found = Number((await answer(program, run, { images: Uint8Array.from(pixels) })).contrast![0]);
    expect(Math.abs(found - contrast!)).toBeLessThan(2e-4 * contrast!);
  });
});

it("the other commands take it: sample, export, orient, embed, and training goes on from it", async () => {
  const run = golden[0]!.title;
  const pictures = workspace.path("pictures");
  await makePictures(pictures, 66);
  const done = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await workspace.run(...args);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stdout;
  };
  expect(await done("sample", run, "--count", "4")).toContain("step 7,000");
  expect(await done("export", run, "--out", "out")).toContain("generator.onnx");
  await done("orient", pictures, "--run", run);
  await done("embed", pictures, "--run", run, "--out", "features.npy");
  const small = [
    `data.source=${pictures}`,
    "training.batchSize=8",
    "objective.rotatedBatch=8",
    "data.split=all",
  ].flatMap((set) => ["--set", set]);
  const further = ["--run", run, "--fork", "--steps", "7001", "--no-studio", "--threads", "1"];
  expect(await done("train", ...further, ...small)).toContain("Forked from step 7000");
});

describe("what cannot be imported is refused in words", () => {
  const [netG, netD] = ["netG", "netD"].map((name) => join(FILES, `ssgan-32-${name}.pth`)) as [
    string,
    string,
  ];
  const refusal = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await workspace.run("import", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    return stderr;
  };

  it("files of another kind, in the wrong place, or not there", async () => {
    expect(await refusal(netD, "--run", "a")).toMatch(/netD\.pth is not a generator of mimicry.*l1\.weight/);
    expect(await refusal(netG, "--discriminator", netG, "--run", "a")).toMatch(
      /not a discriminator of mimicry/,
    );
    expect(await refusal(join(FILES, "answers.json"), "--run", "a")).toMatch(/not a file that torch\.save/);
    expect(await refusal("nothing.pth")).toMatch(/There is no file nothing\.pth/);
    const plain = join(FILES, "cgan-pd-32-netD.pth");
    expect(await refusal(netG, "--discriminator", plain, "--run", "a")).toMatch(/conditioning/);
  });

  it("a folder that holds a run", async () => {
    expect(await refusal(netG, "--run", golden[0]!.title)).toMatch(/holds a run already/);
  });

  it("a generator alone has nobody to ask", async () => {
    const { code, stdout } = await workspace.run("import", netG, "--run", "alone");
    expect(code).toBe(0);
    expect(stdout).toContain("Without --discriminator");
    const { code: asked, stderr } = await workspace.run("embed", "--run", "alone");
    expect(asked).toBe(2);
    expect(stderr).toContain("imported without its discriminator");
  });
});
