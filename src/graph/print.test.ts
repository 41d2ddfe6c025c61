/** The listing of a graph. */
import { expect, it } from "vitest";
import * as g from "./operations/index.ts";
import { print } from "./print.ts";

it("one node a line with operands, attributes, type, shape and source line; then the results", () => {
  const x = g.input("images", [2, 3, 8, 8]);
  const w = g.constant(new Float32Array(4 * 27), [4, 3, 3, 3]);
  const y = g.relu(g.conv2d(x, w, undefined, { stride: 2, padding: 1 }));
  const text = print({ features: y, total: g.sum(y) });
  expect(text.replaceAll(/test\.ts:\d+/g, "test.ts:N")).toBe(
    [
      '%0 = input(name="images")  float32 [2, 3, 8, 8]  graph/print.test.ts:N',
      "%1 = constant(data=<108 values>)  float32 [4, 3, 3, 3]  graph/print.test.ts:N",
      "%2 = conv2d(%0, %1; strides=[2,2] padding=[[1,1],[1,1]] dilation=[1,1])  float32 [2, 4, 4, 4]  graph/print.test.ts:N",
      "%3 = relu(%2)  float32 [2, 4, 4, 4]  graph/print.test.ts:N",
      "%4 = sum(%3; axes=[0,1,2,3] keepDims=false)  float32 []  graph/print.test.ts:N",
      "features = %3",
      "total = %4",
    ].join("\n"),
  );
});
