/** What engines use of ONNX Runtime, and what they know of a program beside its model. */
import type { InferenceSessionFactory, TensorConstructor } from "onnxruntime-common";
import type { OnnxProgram } from "../../graph/onnx/program.ts";

/** The part of an ONNX Runtime package that is used. */
export interface Runtime {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/** A program without its model. */
export type ProgramHead = Omit<OnnxProgram, "model">;
