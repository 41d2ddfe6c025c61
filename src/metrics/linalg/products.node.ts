/**
 * Products of matrices in double precision by ONNX Runtime: its MatMul has float64 kernels on the
 * CPU. A product is a model of one or two operators with open sizes.
 */
import { availableThreads } from "../../engine/devices/cpu.node.ts";
import { type OnnxFile, openModel } from "../../engine/sessions/model.node.ts";
import { type OnnxBinding, type OnnxNode, writeModel } from "../../graph/onnx/model.ts";
import { matrix, type Products, productShape } from "./matrix.ts";

/** Products that hold sessions of ONNX Runtime until they are closed. */
export interface ProductsOnRuntime extends Products {
  close(): Promise<void>;
}

/**
 * Open them. Every kind of product is loaded when it is first needed.
 * @param threads 0 takes the cores this process may use
 */
export function openProducts(threads = 0): ProductsOnRuntime {
  const loaded = new Map<string, Promise<OnnxFile>>();
  const load = (transposeA: boolean, transposeB: boolean): Promise<OnnxFile> => {
    const key = `${transposeA} ${transposeB}`;
    const known = loaded.get(key);
    if (known) return known;
    const opening = openModel(productModel(transposeA, transposeB), threads || availableThreads());
    loaded.set(key, opening);
    return opening;
  };
  return {
    async multiply(a, b, transposeA = false, transposeB = false) {
      const { rows, columns } = productShape(a, b, transposeA, transposeB);
      if (rows === 0 || columns === 0) return matrix(rows, columns);
      const model = await load(transposeA, transposeB);
      const { product } = await model.run({
        a: { dtype: "float64", shape: [a.rows, a.columns], data: a.data },
        b: { dtype: "float64", shape: [b.rows, b.columns], data: b.data },
      });
      return matrix(rows, columns, product!.data as Float64Array);
    },
    async close() {
      for (const model of loaded.values()) await (await model).close();
      loaded.clear();
    },
  };
}

function productModel(transposeA: boolean, transposeB: boolean): Uint8Array {
  const nodes: OnnxNode[] = [];
  const operand = (name: string, flip: boolean): string => {
    if (!flip) return name;
    const turned = `${name}Transposed`;
    nodes.push({
      type: "Transpose",
      domain: "",
      name: turned,
      inputs: [name],
      outputs: [turned],
      attributes: { perm: { ints: [1, 0] } },
    });
    return turned;
  };
  const inputs = [operand("a", transposeA), operand("b", transposeB)];
  nodes.push({
    type: "MatMul",
    domain: "",
    name: "product",
    inputs,
    outputs: ["product"],
    attributes: {},
  });
  const open = (name: string): OnnxBinding => ({
    name,
    dtype: "float64",
    shape: [`${name}Rows`, `${name}Columns`],
  });
  return writeModel({
    name: "product",
    nodes,
    initializers: [],
    inputs: [open("a"), open("b")],
    outputs: [open("product")],
    domains: {},
  });
}
