/** Memory of large arrays, given back at once. */
import type { TensorData } from "../engine.ts";

/** Ends the life of an array. */
export type Discard = (data: TensorData) => void;

/**
 * Frees an array's memory now instead of whenever the garbage collector comes round, which for
 * state of tens of megabytes replaced at every step keeps several generations alive. Posting a
 * buffer as transferred to a closed port detaches it.
 */
export function createDiscard(): Discard {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return (data) => {
    try {
      port1.postMessage(null, [data.buffer as ArrayBuffer]);
    } catch {
      // Memory owned by ONNX Runtime cannot be detached; the garbage collector frees it.
    }
  };
}
