/**
 * Which feature network is taken: the one that is named, what a run was measured with, or the
 * default.
 */
import { join } from "node:path";
import { expect, it } from "vitest";
import { put, temporaryFolders } from "../../data/testing/images.node.ts";
import { chooseFeatures, defaultFeatures } from "./registry.node.ts";

const newFolder = temporaryFolders();

it("the default is the built-in network until Inception is added; a run keeps what it was measured with", async () => {
  const [without, added] = [newFolder(), newFolder()];
  await put(join(added, "features", "inception.onnx"), Buffer.from("weights"));
  expect([await defaultFeatures(without), await defaultFeatures(added)]).toEqual([
    "resnet20-cifar10",
    "inception",
  ]);
  const name = async (...choice: Parameters<typeof chooseFeatures>) => (await chooseFeatures(...choice)).name;
  expect(await chooseFeatures(undefined, undefined, without)).toEqual({
    name: "resnet20-cifar10",
    why: undefined,
  });
  expect(await chooseFeatures(undefined, undefined, added)).toEqual({
    name: "inception",
    why: expect.stringMatching(/added/),
  });
  // Before Inception was added, and after it was removed.
  expect(await chooseFeatures(undefined, "resnet20-cifar10", added)).toEqual({
    name: "resnet20-cifar10",
    why: expect.stringMatching(/measured with it before.*the default is inception/),
  });
  expect(await name(undefined, "inception", without)).toBe("inception");
  // What was once named need not be meant for ever, or be there.
  expect(await name(undefined, "tiny.onnx", added)).toBe("inception");
  expect(await chooseFeatures("tiny.onnx", "inception", added)).toEqual({
    name: "tiny.onnx",
    why: undefined,
  });
});
