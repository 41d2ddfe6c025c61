/**
 * Models that come from somebody else, run where they can be ended: in a process of their own, with
 * a limit to the time a call may take and to the memory. An ONNX file is a program: it may loop
 * without end, and may ask for any amount of memory.
 */
import { totalmem } from "node:os";
import { UserError } from "../../base/errors.ts";
import { refuseTelemetry } from "../../base/processes/telemetry.node.ts";
import { formatBytes } from "../../base/text/format/index.ts";
import { forkBeside, hold, whenGone } from "../fork.node.ts";
import { unpackFailure } from "../rpc/failures.ts";
import type { OnnxFile } from "../sessions/model.node.ts";
import type { ForeignReply, ForeignRequest } from "./foreign-child.node.ts";

/** How a foreign model is run. */
export interface ForeignOptions {
  /** Threads for the arithmetic. */
  readonly threads: number;
  /** Aborting ends the process; calls under way are rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the model's file: larger ones may use more memory. */
  readonly fileBytes: number;
  /**
   * Milliseconds that loading, or the first run, may take; those of `QUARTERTURN_MODEL_SECONDS`, or
   * two minutes, unless given.
   */
  readonly patience?: number;
  /**
   * Bytes of memory its process may use; those of `QUARTERTURN_MODEL_MEMORY` (in GB), or an amount
   * by the file's size, unless given.
   */
  readonly maxBytes?: number;
}

const PATIENCE = 120_000;
/**
 * Room for what a network computes of 64 images, beside its weights, which are in memory several
 * times over.
 */
const ROOM = 4_000_000_000;
const COPIES = 8;
/**
 * Later runs may take so many times as long an image as the first, which also was alone with all
 * threads.
 */
const SLOWER = 50;

/** Node has no longer timers. */
const LONGEST_TIMER = 2 ** 31 - 1;

const HINT =
  "If it is a network you trust, allow it more: QUARTERTURN_MODEL_SECONDS=600 or QUARTERTURN_MODEL_MEMORY=16 (GB) in the environment.";

/**
 * Open a model at a path in a process of its own.
 * @throws UserError when it takes too long, too much memory, or brings its process down; Error when
 *   ONNX Runtime cannot load it; the signal's reason when it aborts
 */
export async function openForeignModel(path: string, options: ForeignOptions): Promise<OnnxFile> {
  options.signal?.throwIfAborted();
  // The child inherits the environment.
  refuseTelemetry();
  const patience = options.patience ?? timeLimit();
  const maxBytes = options.maxBytes ?? memoryLimit(options.fileBytes);
  const ask = startProcess(path, maxBytes, options.signal);
  try {
    const { threads } = options;
    const opened = await ask.question({ kind: "open", path, threads, maxBytes }, patience);
    if (opened.kind !== "opened") throw new Error(`${path}: unexpected answer ${opened.kind}`);
    /** Milliseconds an image took in the first run. */
    let first: number | undefined;
    return {
      ...opened.model,
      async run(inputs) {
        const images = Math.max(1, ...Object.values(inputs).map(({ shape }) => shape[0] ?? 1));
        const started = performance.now();
        const limit =
          first === undefined
            ? patience
            : Math.min(LONGEST_TIMER, Math.max(patience, SLOWER * images * first));
        const ran = await ask.question({ kind: "run", inputs }, limit).catch((error: unknown) => {
          options.signal?.throwIfAborted();
          throw asMistake(error);
        });
        if (ran.kind !== "ran") throw new Error(`${path}: unexpected answer ${ran.kind}`);
        first ??= (performance.now() - started) / images;
        return ran.outputs;
      },
      close: ask.close,
    };
  } catch (error) {
    await ask.close();
    throw error;
  }
}

/** A positive number in the environment. @throws UserError for anything else there */
function environmentNumber(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (value > 0 && value < 1e9) return value;
  throw new UserError(`${name}=${text}: expected a number above 0.`, HINT);
}

/** Milliseconds. */
function timeLimit(): number {
  const seconds = environmentNumber("QUARTERTURN_MODEL_SECONDS");
  return seconds === undefined ? PATIENCE : Math.min(1000 * seconds, LONGEST_TIMER);
}

/** Bytes. */
function memoryLimit(fileBytes: number): number {
  const gigabytes = environmentNumber("QUARTERTURN_MODEL_MEMORY");
  if (gigabytes !== undefined) return 1e9 * gigabytes;
  return Math.min(0.75 * totalmem(), ROOM + COPIES * fileBytes);
}

/**
 * The way to the process. It answers one question at a time: those asked meanwhile wait for their
 * turn.
 */
interface Asking {
  question(request: ForeignRequest, patience: number): Promise<ForeignReply>;
  close(): Promise<void>;
}

function startProcess(path: string, maxBytes: number, signal: AbortSignal | undefined): Asking {
  const child = forkBeside("foreign-child.node", import.meta.url);
  const gone = whenGone(child);
  let waiting: { resolve(reply: ForeignReply): void; reject(error: unknown): void } | undefined;
  let dead: unknown;

  const settle = () => {
    const entry = waiting;
    waiting = undefined;
    hold(child, false);
    return entry;
  };
  const fail = (reason: unknown): void => {
    dead ??= reason;
    child.kill("SIGKILL");
    settle()?.reject(dead);
  };
  const onAbort = (): void => fail(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  child.on("message", (reply: ForeignReply) => {
    if (reply.kind === "memory")
      fail(
        new UserError(
          `${path} takes more than ${formatBytes(maxBytes)} of memory (${formatBytes(reply.bytes)}); it was ended.`,
          HINT,
        ),
      );
    else if (reply.kind === "failed") settle()?.reject(unpackFailure(reply.failure));
    else settle()?.resolve(reply);
  });
  child.on("error", (error) => fail(error));
  child.on("exit", (code, ended) =>
    fail(
      new UserError(
        `${path} brought down the process that ran it (${ended ?? `exit code ${code}`}).`,
        "The file is damaged, takes more memory than there is, or is not meant for this version of ONNX Runtime.",
      ),
    ),
  );
  let turn: Promise<unknown> = Promise.resolve();
  const askNow = (request: ForeignRequest, patience: number): Promise<ForeignReply> => {
    if (dead !== undefined) return Promise.reject(dead);
    let timer: NodeJS.Timeout | undefined;
    const asked = new Promise<ForeignReply>((resolve, reject) => {
      waiting = { resolve, reject };
      hold(child, true);
      timer = setTimeout(
        () =>
          fail(
            new UserError(
              `${path} was not done after ${Math.round(patience / 1000)} seconds of ${request.kind === "open" ? "loading" : "computing"}; it was ended.`,
              HINT,
            ),
          ),
        patience,
      );
      child.send(request, (error) => error && fail(error));
    });
    return asked.finally(() => clearTimeout(timer));
  };
  return {
    question(request, patience) {
      const answered = turn.then(() => askNow(request, patience));
      turn = answered.catch(() => undefined);
      return answered;
    },
    async close() {
      signal?.removeEventListener("abort", onAbort);
      dead ??= new Error(`${path} is closed`);
      child.kill("SIGKILL");
      await gone();
    },
  };
}

/** What ONNX Runtime has against somebody's file is about the file. */
const asMistake = (error: unknown): unknown =>
  error instanceof UserError || !(error instanceof Error)
    ? error
    : new UserError(
        `${error.message.replace(/\.?\s*$/, "")}.`,
        "Check the file with another program, or export it again.",
        {
          cause: error,
        },
      );
