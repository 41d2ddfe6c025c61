/** oneDNN's operations on single elements, by the names of our primitives. */
import { ALGORITHM } from "./vocabulary.ts";

/** Of one operand, with α and β as oneDNN's elementwise algorithms have them. */
export const UNARY: Readonly<Record<string, readonly [algorithm: number, alpha: number, beta: number]>> = {
  relu: [ALGORITHM.relu, 0, 0],
  neg: [ALGORITHM.linear, -1, 0],
  exp: [ALGORITHM.exp, 0, 0],
  log: [ALGORITHM.log, 0, 0],
  sqrt: [ALGORITHM.sqrt, 0, 0],
  tanh: [ALGORITHM.tanh, 0, 0],
  sigmoid: [ALGORITHM.logistic, 0, 0],
  abs: [ALGORITHM.abs, 0, 0],
};

/** Of two. */
export const BINARY: Readonly<Record<string, number>> = {
  add: ALGORITHM.add,
  sub: ALGORITHM.sub,
  mul: ALGORITHM.mul,
  div: ALGORITHM.div,
  maximum: ALGORITHM.max,
  minimum: ALGORITHM.min,
};
