/**
 * An ONNX file run as anybody would run it: plain onnxruntime-node on the CPU, in the calling thread, no engine around it. For checking
 * what was exported.
 */
import type { DType } from "../graph/program.ts";
import type { TensorData } from "./engine.ts";
import { explainFailure } from "./failures.ts";

/** A tensor with its shape. */
export interface ShapedTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** A loaded model. */
export interface OnnxFile {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Run once. @throws Error when ONNX Runtime refuses the inputs */
  run(inputs: Readonly<Record<string, ShapedTensor>>): Promise<Record<string, ShapedTensor>>;
  close(): Promise<void>;
}

/** Load the model at `path`. @throws Error when ONNX Runtime refuses it */
export async function openModel(path: string, threads = 0): Promise<OnnxFile> {
  const ort = await import("onnxruntime-node");
  const session = await ort.InferenceSession.create(path, {
    ...(threads > 0 && { intraOpNumThreads: threads }),
    logSeverityLevel: 4,
  }).catch((error: unknown) => {
    throw explainFailure(`${path} could not be loaded`, error);
  });
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
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
          { dtype: type as DType, shape: dims, data: data as TensorData },
        ]),
      );
    },
    close: () => session.release(),
  };
}
