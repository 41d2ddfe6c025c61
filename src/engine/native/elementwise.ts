/** oneDNN's operations on single elements, by the names of our primitives. */
import type { Algorithm } from "./vocabulary.ts";

/** Of one operand, with α and β as oneDNN's elementwise algorithms have them. */
export const UNARY: Readonly<Record<string, readonly [algorithm: Algorithm, alpha: number, beta: number]>> = {
  relu: ["relu", 0, 0],
  neg: ["linear", -1, 0],
  exp: ["exp", 0, 0],
  log: ["log", 0, 0],
  sqrt: ["sqrt", 0, 0],
  tanh: ["tanh", 0, 0],
  sigmoid: ["logistic", 0, 0],
  abs: ["abs", 0, 0],
};

/** Of two operands, with oneDNN's binary algorithms. */
export const BINARY: Readonly<Record<string, Algorithm>> = {
  add: "add",
  sub: "sub",
  mul: "mul",
  div: "div",
  maximum: "max",
  minimum: "min",
};
