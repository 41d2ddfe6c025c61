/**
 * The page of the engine's browser tests: puts what workers do within reach of the test's
 * `page.evaluate`.
 */
import { createWorkerEngine, type WebEngineOptions } from "../../../src/engine/web.ts";
import { byOperation, type Case, type Computed, computeCases } from "../../support/primitive-cases.ts";
import type { SmallResult, SmallTraining } from "../training.ts";
import { trainSmall } from "../training.ts";
import type { FromTrainer, ToTrainer } from "./trainer.worker.ts";

/** A result as `page.evaluate` can bring it over. */
export type PlainResult = Omit<SmallResult, "state"> & { readonly state: Record<string, number[]> };

/** The same of golden cases. */
export type PlainComputed = Omit<Computed, "actual"> & { readonly actual: number[] };

export interface PageUnderTest {
  readonly isolated: boolean;
  /** Train in a worker that has loop and engine. `stopAfter` aborts after so many steps. */
  train(options: WebEngineOptions, training: SmallTraining, stopAfter?: number): Promise<PlainResult>;
  /** Train here, with the engine alone in a worker. */
  trainRemotely(options: WebEngineOptions, training: SmallTraining): Promise<PlainResult>;
  /** Whether the browser finds a GPU, or what behaves like one. */
  hasGpu(): Promise<boolean>;
  /** Golden cases of primitives, one program an operation. */
  compute(options: WebEngineOptions, cases: readonly Case[]): Promise<PlainComputed[]>;
  /** The message of the error that comes of opening an engine. */
  refusal(options: WebEngineOptions): Promise<string>;
}

const plain = ({ state, ...rest }: SmallResult): PlainResult => ({
  ...rest,
  state: Object.fromEntries(Object.entries(state).map(([name, values]) => [name, [...values]])),
});

const engineWorker = (): Worker =>
  new Worker(new URL("./engine.worker.ts", import.meta.url), { type: "module" });

const underTest: PageUnderTest = {
  isolated: crossOriginIsolated,
  train(options, training, stopAfter) {
    const worker = new Worker(new URL("./trainer.worker.ts", import.meta.url), { type: "module" });
    const post = (message: ToTrainer): void => worker.postMessage(message);
    return new Promise<PlainResult>((resolve, reject) => {
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.onmessage = ({ data }: MessageEvent<FromTrainer>) => {
        if ("failure" in data) reject(new Error(data.failure));
        else if ("result" in data) resolve(plain(data.result));
        else if (data.step === stopAfter) post({ stop: true });
      };
      post({ options, training });
    }).finally(() => worker.terminate());
  },
  async trainRemotely(options, training) {
    const engine = await createWorkerEngine(engineWorker(), options);
    try {
      return plain(await trainSmall(engine, training));
    } finally {
      await engine.close();
    }
  },
  async hasGpu() {
    const { gpu } = navigator as { readonly gpu?: { requestAdapter(): Promise<object | null> } };
    return Boolean(await gpu?.requestAdapter());
  },
  async compute(options, cases) {
    const engine = await createWorkerEngine(engineWorker(), options);
    try {
      const computed: Computed[] = [];
      for (const [, same] of byOperation(cases)) computed.push(...(await computeCases(engine, same)));
      return computed.map((result) => ({ ...result, actual: Array.from(result.actual, Number) }));
    } finally {
      await engine.close();
    }
  },
  async refusal(options) {
    try {
      const engine = await createWorkerEngine(engineWorker(), options);
      await engine.close();
      return "";
    } catch (error) {
      return `${(error as Error).message} ${(error as { hint?: string }).hint ?? ""}`;
    }
  },
};

Object.assign(globalThis, { underTest });
