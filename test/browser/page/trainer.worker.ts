/** A worker with the training loop and its engine, which can be told to stop. */
import { createWebEngine, type WebEngineOptions } from "../../../src/engine/web.ts";
import { type SmallResult, type SmallTraining, trainSmall } from "../training.ts";

export type ToTrainer =
  | { readonly options: WebEngineOptions; readonly training: SmallTraining }
  | { readonly stop: true };
export type FromTrainer =
  | { readonly step: number }
  | { readonly result: SmallResult }
  | { readonly failure: string };

const scope = globalThis as unknown as {
  postMessage(message: FromTrainer): void;
  onmessage: (event: { readonly data: ToTrainer }) => void;
};
const stopping = new AbortController();

async function work(options: WebEngineOptions, training: SmallTraining): Promise<void> {
  try {
    const engine = await createWebEngine(options);
    const result = await trainSmall(engine, training, stopping.signal, ({ step }) =>
      scope.postMessage({ step }),
    );
    await engine.close();
    scope.postMessage({ result });
  } catch (error) {
    scope.postMessage({ failure: String((error as Error).stack ?? error) });
  }
}

scope.onmessage = ({ data }) => {
  if ("stop" in data) stopping.abort();
  else void work(data.options, data.training);
};
