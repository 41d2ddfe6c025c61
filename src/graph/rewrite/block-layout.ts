import type { Tensor } from "../tensor.ts";
import type { Outputs } from "./rewrite.ts";
export function blockLayout(outputs: Outputs, _block: number): Record<string, Tensor> {
  return { ...outputs };
}
