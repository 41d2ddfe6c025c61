/**
 * An ONNX file run as anybody would run it: plain onnxruntime-node on the CPU, in the calling
 * thread, no engine around it. For checking what was exported.
 */
import type { DeclaredBinding } from "../../graph/onnx/borders.ts";
import type { DType } from "../../graph/program.ts";
import type { TensorData } from "../engine.ts";
import { loadOnnxRuntime } from "../onnxruntime.node.ts";
import { explainFailure } from "../rpc/failures.ts";

/** A tensor with its shape. Double precision only crosses the border of models like these. */
export interface ShapedTensor {
  readonly dtype: DType | "float64";
  readonly shape: readonly number[];
  readonly data: TensorData | Float64Array;
}

/** A loaded model. */
export interface OnnxFile {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** What is declared of them, in the same order. */
  readonly inputSignatures: readonly DeclaredBinding[];
  readonly outputSignatures: readonly DeclaredBinding[];
  /** Run once. @throws Error when ONNX Runtime refuses the inputs */
  run(inputs: Readonly<Record<string, ShapedTensor>>): Promise<Record<string, ShapedTensor>>;
  close(): Promise<void>;
}

/**
 * Load the model at a path, or the model that `source` holds.
 * @throws Error when ONNX Runtime refuses it
 */
export async function openModel(source: string | Uint8Array, threads = 0): Promise<OnnxFile> {
  const ort = await loadOnnxRuntime();
  const path = typeof source === "string" ? source : "The model";
  const options = { ...(threads > 0 && { intraOpNumThreads: threads }), logSeverityLevel: 4 } as const;
  const session = await (typeof source === "string"
    ? ort.InferenceSession.create(source, options)
    : ort.InferenceSession.create(source, options)
  ).catch((error: unknown) => {
    throw explainFailure(`${path} could not be loaded`, error);
  });
  const signatures = (all: typeof session.inputMetadata): DeclaredBinding[] =>
    all.map((of) => ({
      name: of.name,
      dtype: of.isTensor ? of.type : "no tensor",
      shape: of.isTensor ? of.shape : [],
    }));
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    inputSignatures: signatures(session.inputMetadata),
    outputSignatures: signatures(session.outputMetadata),
    async run(inputs) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, { dtype, shape, data }]) => [
          name,
          new ort.Tensor(dtype, data as never, shape),
        ]),
      );
      const results = await session.run(feeds).catch((error: unknown) => {
        throw explainFailure(`${path} failed`, error);
      });
      return Object.fromEntries(
        Object.entries(results).map(([name, { type, dims, data }]) => [
          name,
          { dtype: type as ShapedTensor["dtype"], shape: dims, data: data as ShapedTensor["data"] },
        ]),
      );
    },
    close: () => session.release(),
  };
}
