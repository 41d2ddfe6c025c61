/** Whether oneDNN can train here, and the engine that does. */
import { UserError } from "../../base/errors.ts";
import { hasBfloat16, type Library, loadLibrary } from "./library.node.ts";
import { createDnnl, type Dnnl } from "./plans.node.ts";
import { selfTest } from "./self-test.node.ts";

/** oneDNN made ready in this thread. */
export interface OpenedNative {
  readonly dnnl: Dnnl;
  readonly library: Library;
}

/**
 * Load oneDNN and try it with a small step.
 * @throws UserError when it is not there, the processor lacks the instructions, or it does not
 * compute what it should
 */
export async function openNative(threads: number): Promise<OpenedNative> {
  const library = await loadLibrary();
  if (!hasBfloat16(library))
    throw new UserError(
      "This processor has no instructions for bfloat16 (AVX512_BF16 or AMX), so it would gain nothing from it.",
      FLOAT32,
    );
  library.setThreads(threads);
  const dnnl = createDnnl(library, threads);
  const problem = selfTest(dnnl);
  if (problem) {
    dnnl.close();
    throw new UserError(`${library.name} does not compute here what it should: ${problem}.`, FLOAT32);
  }
  return { dnnl, library };
}

const FLOAT32 = "Train in float32: engine.precision=float32.";
