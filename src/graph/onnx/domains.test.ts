import { expect, it } from "vitest";
import { compile } from "../compile.ts";
import { conv2d, input } from "../index.ts";
import { domainsOf, isBlocked } from "./domains.ts";
import { joinModels } from "./join.ts";
import { toOnnx } from "./program.ts";
import { readFields } from "./protobuf.ts";

const convolution = (name: string, channels: number) => {
  const [x, w] = [input("x", [1, channels, 4, 4]), input("w", [channels, channels, 1, 1])];
  return toOnnx(
    compile({ name, feeds: { x, w }, results: { y: conv2d(x, w) } }, { provider: "cpu", block: 8 }),
  );
};
const [narrow, wide] = [convolution("narrow", 3), convolution("wide", 16)];

it("names a model's domains and their versions", () => {
  expect([...domainsOf(readFields(narrow.model))]).toEqual([["", 17]]);
  expect([...domainsOf(readFields(wide.model))]).toEqual([
    ["", 17],
    ["com.microsoft.nchwc", 1],
  ]);
});

it("a model is blocked if it has channels to fill blocks, a joint one if any of its programs is", () => {
  expect([narrow, wide].map(({ model }) => isBlocked(model))).toEqual([false, true]);
  expect(isBlocked(joinModels([narrow, wide]))).toBe(true);
  expect(isBlocked(joinModels([narrow, convolution("other", 3)]))).toBe(false);
});
