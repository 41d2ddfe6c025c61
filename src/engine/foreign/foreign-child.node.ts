/**
 * The process in which somebody else's model runs (foreign.node.ts): the main thread looks at the
 * memory and at whether anybody still waits, a worker thread runs ONNX Runtime, which blocks the
 * thread that calls it. Nothing can stop a native call but the end of its process.
 */
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { type Failure, packFailure } from "../rpc/failures.ts";
import { type OnnxFile, openModel, type ShapedTensor } from "../sessions/model.node.ts";
import { workerFile } from "../worker-file.node.ts";

/** What the process is asked. The first question opens the model. */
export type ForeignRequest =
  | { readonly kind: "open"; readonly path: string; readonly threads: number; readonly maxBytes: number }
  | { readonly kind: "run"; readonly inputs: Readonly<Record<string, ShapedTensor>> };

/** What it answers, one to a question; `memory` comes unasked, and is its last. */
export type ForeignReply =
  | { readonly kind: "opened"; readonly model: Omit<OnnxFile, "run" | "close"> }
  | { readonly kind: "ran"; readonly outputs: Readonly<Record<string, ShapedTensor>> }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "memory"; readonly bytes: number };

/** How often the memory is looked at, in milliseconds: a gigabyte takes longer to fill. */
const LOOK_EVERY = 50;

const end = (): void => void process.kill(process.pid, "SIGKILL");

function watch(): void {
  const worker = new Worker(workerFile("foreign-child.node", import.meta.url));
  const say = (reply: ForeignReply, then?: () => void): void => void process.send?.(reply, () => then?.());
  worker.on("message", (reply: ForeignReply) => say(reply));
  worker.on("error", (error) => say({ kind: "failed", failure: packFailure(error) }, end));
  let max = Number.POSITIVE_INFINITY;
  process.on("message", (request: ForeignRequest) => {
    if (request.kind === "open") max = request.maxBytes;
    worker.postMessage(request);
  });
  // Whoever asked is gone, or wants it gone; what Ctrl-C means is theirs to decide.
  process.on("disconnect", end);
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
  setInterval(() => {
    const bytes = process.memoryUsage.rss();
    if (bytes <= max) return;
    max = Number.POSITIVE_INFINITY;
    say({ kind: "memory", bytes }, end);
  }, LOOK_EVERY);
}

function serve(port: NonNullable<typeof parentPort>): void {
  let model: OnnxFile | undefined;
  const answer = async (request: ForeignRequest): Promise<ForeignReply> => {
    if (request.kind === "run") return { kind: "ran", outputs: await model!.run(request.inputs) };
    model = await openModel(request.path, request.threads);
    const { inputs, outputs, inputSignatures, outputSignatures } = model;
    return { kind: "opened", model: { inputs, outputs, inputSignatures, outputSignatures } };
  };
  port.on("message", async (request: ForeignRequest) => {
    const reply = await answer(request).catch(
      (error: unknown): ForeignReply => ({ kind: "failed", failure: packFailure(error) }),
    );
    port.postMessage(reply);
  });
}

if (isMainThread) watch();
else serve(parentPort!);
