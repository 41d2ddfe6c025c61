/** Executables and batches that note what is done with them, for tests of the updates. */
import type { Executable, TensorMap } from "../../engine/engine.ts";
import { fakeSteps } from "./fake.ts";

/** Executables that note what they are fed; the `n`-th run gives `loss` n. */
export function recording(): { runs: [string, TensorMap][]; executable: (name: "D" | "G") => Executable } {
  const runs: [string, TensorMap][] = [];
  return {
    runs,
    executable: (name) => ({
      program: name === "D" ? fakeSteps().discriminatorStep : fakeSteps().generatorStep,
      run: async (feeds) => {
        runs.push([name, feeds]);
        return { loss: Float32Array.of(runs.length) };
      },
      release: async () => undefined,
    }),
  };
}

/** Image batches that are numbered. */
export function countingBatches() {
  let drawn = 0;
  return { next: () => ({ images: Uint8Array.of(++drawn) }), save: () => drawn };
}
