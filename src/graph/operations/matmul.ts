/** Matrix products and row look-ups. */
import { CONTRIB_DOMAIN } from "../onnx/emitter.ts";
import { formatShape, sameShape } from "../shape.ts";
import { definePrimitive, makeNode, type Tensor } from "../tensor.ts";
import { sumTo } from "./elementwise.ts";

const flags = (node: Tensor): readonly [boolean, boolean] => [
  node.attributes.transposeA as boolean,
  node.attributes.transposeB as boolean,
];

/**
 * For C = op(A) op(B): dA = dC op(B)ᵀ and dB = op(A)ᵀ dC, transposed back where op is a
 * transposition. A single matrix next to a stack is used for every member, so its gradient is the
 * sum over the stack.
 */
const matmulPrimitive = definePrimitive({
  name: "matmul",
  infer: ([a, b], { transposeA, transposeB }, fail) => {
    if (a!.shape.length < 2 || b!.shape.length < 2) fail("needs two matrices or stacks of them");
    if (a!.dtype !== "float32" || b!.dtype !== "float32") fail("needs float32 (see cast)");
    const [stackA, stackB] = [a!.shape.slice(0, -2), b!.shape.slice(0, -2)];
    if (stackA.length > 0 && stackB.length > 0 && !sameShape(stackA, stackB)) fail("stacks differ");
    const [m, k] = transposeA ? [a!.shape.at(-1)!, a!.shape.at(-2)!] : [a!.shape.at(-2)!, a!.shape.at(-1)!];
    const [k2, n] = transposeB ? [b!.shape.at(-1)!, b!.shape.at(-2)!] : [b!.shape.at(-2)!, b!.shape.at(-1)!];
    if (k !== k2) fail(`inner sizes differ: ${formatShape([m, k])} · ${formatShape([k2, n])}`);
    return { shape: [...(stackA.length > 0 ? stackA : stackB), m, n], dtype: "float32" };
  },
  gradient: (node, dy) => {
    const [a, b] = node.inputs as [Tensor, Tensor];
    const [ta, tb] = flags(node);
    const da = ta ? matmul(b, dy, tb, true) : matmul(dy, b, false, !tb);
    const db = tb ? matmul(dy, a, true, ta) : matmul(a, dy, !ta, false);
    return [sumTo(da, a.shape), sumTo(db, b.shape)];
  },
  lower: (emit, node, inputs) => {
    const [ta, tb] = flags(node);
    if (!ta && !tb) return emit.op("MatMul", inputs);
    if (node.inputs.every((t) => t.shape.length === 2))
      return emit.op("Gemm", inputs, { transA: ta ? 1 : 0, transB: tb ? 1 : 0 });
    if (emit.provider === "cpu")
      return emit.operator(CONTRIB_DOMAIN, "FusedMatMul", inputs, { transA: ta ? 1 : 0, transB: tb ? 1 : 0 });
    const turned = inputs.map((name, i) => {
      const rank = node.inputs[i]!.shape.length;
      const swapped = Array.from({ length: rank }, (_, axis) =>
        axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis,
      );
      return (i === 0 ? ta : tb) ? emit.op("Transpose", [name], { perm: swapped }) : name;
    });
    return emit.op("MatMul", turned);
  },
});
/**
 * Matrix product of the last two axes. Leading axes must be equal, or one operand a single matrix.
 * Either may be taken transposed.
 */
export const matmul = (a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor =>
  makeNode(matmulPrimitive, [a, b], { transposeA, transposeB });

const checkIndices = (values: Tensor, indices: Tensor, fail: (reason: string) => never): void => {
  if (indices.dtype !== "int64" || indices.shape.length !== 1) fail("indices must be an int64 vector");
  if (values.shape.length < 1) fail("needs rows to choose from");
};

/** gather and scatterAdd are adjoint: picking rows, and adding rows back where they were picked. */
const gatherPrimitive = definePrimitive({
  name: "gather",
  infer: ([x, indices], _, fail) => {
    checkIndices(x!, indices!, fail);
    return { shape: [indices!.shape[0]!, ...x!.shape.slice(1)], dtype: x!.dtype };
  },
  gradient: (node, dy) => [scatterAdd(dy, node.inputs[1]!, node.inputs[0]!.shape[0]!), undefined],
  lower: (emit, _, inputs) => emit.op("Gather", inputs, { axis: 0 }),
});
/** Rows of x (axis 0) by index: x [K, …], indices int64 [M] → [M, …]. */
export const gather = (x: Tensor, indices: Tensor): Tensor => makeNode(gatherPrimitive, [x, indices]);

const scatterPrimitive = definePrimitive({
  name: "scatterAdd",
  infer: ([values, indices], { rows }, fail) => {
    checkIndices(values!, indices!, fail);
    if (values!.shape[0] !== indices!.shape[0]) fail("one index a row is needed");
    return { shape: [rows as number, ...values!.shape.slice(1)], dtype: values!.dtype };
  },
  gradient: (node, dy) => [gather(dy, node.inputs[1]!), undefined],
  lower: (emit, node, inputs) => {
    const zeros = emit.op("Expand", [emit.scalar(0), emit.ints(node.shape)]);
    const indices = emit.op("Reshape", [inputs[1]!, emit.ints([-1, 1])]);
    return emit.op("ScatterND", [zeros, indices, inputs[0]!], { reduction: "add" });
  },
});
/** Sum rows into `rows` places: values [M, …], indices int64 [M] → [rows, …]. */
export const scatterAdd = (values: Tensor, indices: Tensor, rows: number): Tensor =>
  makeNode(scatterPrimitive, [values, indices], { rows });
