/** For tests: compile a graph and run it once with ONNX Runtime in this thread. */
import * as ort from "onnxruntime-node";
import { compile, type Target } from "../compile.ts";
import { toOnnx } from "../onnx/program.ts";
import type { Tensor } from "../tensor.ts";

export const CPU: Target = { provider: "cpu", block: 0 };
export type Values = Float32Array | BigInt64Array | Uint8Array;

/** Evaluate named results for given values of the inputs. */
export async function evaluate(
  results: Readonly<Record<string, Tensor>>,
  inputs: ReadonlyMap<Tensor, Values>,
  target: Target = CPU,
): Promise<Record<string, Values>> {
  const names = new Map([...inputs.keys()].map((t, i) => [`x${i}`, t] as const));
  const program = compile({ name: "test", feeds: Object.fromEntries(names), results }, target);
  const session = await ort.InferenceSession.create(toOnnx(program).model, {
    intraOpNumThreads: 2,
    logSeverityLevel: 3,
  });
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, tensor] of names) {
    if (session.inputNames.includes(`feed:${name}`))
      feeds[`feed:${name}`] = new ort.Tensor(tensor.dtype, inputs.get(tensor)! as Float32Array, tensor.shape);
  }
  const outputs = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.keys(results).map((name) => [name, outputs[`result:${name}`]!.data as Values]),
  );
}
