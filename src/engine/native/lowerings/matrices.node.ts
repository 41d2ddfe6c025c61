/** Matrix products and transpositions of plain values. */
import { sizeOf, stridesOf } from "../../../graph/shape.ts";
import type { Lowering } from "../context.node.ts";
import { ARGUMENT } from "../vocabulary.ts";

/** From this many elements on oneDNN is faster than a loop. */
const LONG = 4096;

/** A move of all elements by distances: oneDNN's reorder does it with vectors and all threads. */
const transpose: Lowering = (c, i) => {
  const { inputs, attributes, shape, dtype } = c.node(i);
  const from = c.node(inputs[0]!).shape;
  if (dtype !== "float32" || c.size(i) < LONG || from.length > MAX_AXES) return false;
  const strides = stridesOf(from);
  const turned = (attributes.permutation as readonly number[]).map((axis) => strides[axis]!);
  const plan = c.dnnl.reorder(c.disposables, c.dnnl.strided(shape, turned), c.dnnl.descriptor(shape, "f32"));
  if (!plan) return false;
  const source = { buffer: c.plain(inputs[0]!), descriptor: c.dnnl.strided(shape, turned) };
  const result = c.plainMemory(c.floatBuffer(c.size(i)), shape);
  c.execute("transpose", plan, [[ARGUMENT.source, source]], [[ARGUMENT.result, result]]);
  c.setPlain(i, result.buffer);
  return true;
};
const MAX_AXES = 5;

const matmul: Lowering = (c, i) => {
  const { inputs, attributes, shape } = c.node(i);
  const [a, b] = inputs as [number, number];
  const [ta, tb] = [attributes.transposeA as boolean, attributes.transposeB as boolean];
  const [rowsA, columnsA] = c.node(a).shape.slice(-2) as [number, number];
  const columnsB = c.node(b).shape.at(-1)!;
  const [m, n] = shape.slice(-2) as [number, number];
  const k = ta ? rowsA : columnsA;
  const stack = sizeOf(shape.slice(0, -2));
  const [x, y] = [c.plain(a), c.plain(b)];
  const result = c.floatBuffer(c.size(i));
  const step = (node: number, size: number): number => (c.node(node).shape.length > 2 ? 4 * size : 0);
  const [stepA, stepB] = [step(a, m * k), step(b, k * n)];
  const { dnnl } = c;
  c.instructions.push({
    label: "matmul",
    reads: [x, y],
    writes: [result],
    build(places) {
      const [atX, atY, atC] = [x, y, result].map((memory) => places.addressOf(memory)) as [
        number,
        number,
        number,
      ];
      const runs = Array.from({ length: stack }, (_, s) =>
        dnnl.sgemm(
          [ta, tb],
          [m, n, k],
          [atX + s * stepA, columnsA],
          [atY + s * stepB, columnsB],
          [atC + s * 4 * m * n, n],
        ),
      );
      return () => {
        for (const run of runs) run();
      };
    },
  });
  c.setPlain(i, result);
  return true;
};

export const MATRICES: Readonly<Record<string, Lowering>> = { matmul, transpose };
