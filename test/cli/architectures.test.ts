/**
 * Other networks from the command line: a run of a plain one with every conditioning on z, and what
 * is refused before anything is made.
 */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());
beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 64);
});

const sets = (...values: string[]): string[] => values.flatMap((value) => ["--set", value]);
const SNDCGAN = sets("generator.architecture=sndcgan", "discriminator.architecture=sndcgan");

it("trains, samples and exports a self-modulated sndcgan with layer norm", async () => {
  const options = [...TINY, ...SNDCGAN, ...sets("generator.norm=self-modulated", "discriminator.norm=layer")];
  const trained = await workspace.run(
    "train",
    "pictures",
    ...options,
    "--run",
    "a",
    "--steps",
    "2",
    "--json",
  );
  expect({ code: trained.code, stderr: trained.stderr.includes("error") }).toEqual({
    code: 0,
    stderr: false,
  });
  expect(JSON.parse(trained.stdout)).toMatchObject({ reason: "finished" });
  expect(existsSync(workspace.path("a", "export", "generator.onnx"))).toBe(true);
  expect((await workspace.run("sample", "a", "--json")).code).toBe(0);
});

it.each([
  [
    "a size it is not made for",
    [...TINY, ...sets("generator.architecture=resnet-stl")],
    /images of 48 pixels/,
  ],
  [
    "a width with fractions of channels",
    [...TINY, ...SNDCGAN, ...sets("generator.width=33")],
    /multiple of 8/,
  ],
  [
    "spectral norm it never has",
    [...TINY, ...SNDCGAN, ...sets("generator.spectralNorm=true")],
    /never spectrally/,
  ],
])("refuses %s and makes no run", async (_, options, message) => {
  const { code, stderr } = await workspace.run(
    "train",
    "pictures",
    ...options,
    "--run",
    "refused",
    "--steps",
    "2",
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(existsSync(workspace.path("refused"))).toBe(false);
});
