/** Messages between an engine and the thread or process in which it runs. */
import type { Program } from "../../graph/program.ts";
import type { Engine, TensorData } from "../engine.ts";
import type { ProgramHead } from "../sessions/runtime.ts";
import type { SessionStore } from "../sessions/sessions.ts";
import type { Failure } from "./failures.ts";

/** What the engine turned out to be. */
export interface EngineInfo
  extends Pick<Engine, "device" | "threads" | "arithmetic" | "description" | "target" | "process"> {
  /** Whether programs that are compiled together become one model. */
  readonly joins: boolean;
}

/** A runtime made ready: where its programs and state are, and what it is. */
export interface RuntimeHandle {
  readonly store: SessionStore;
  readonly info: EngineInfo;
}

/** Values by name. */
export type Values<T extends TensorData = TensorData> = Record<string, T>;

/** What is asked. */
export type Call =
  | { readonly kind: "start" }
  | {
      readonly kind: "load";
      readonly handles: readonly number[];
      readonly programs: readonly ProgramHead[];
      readonly model: Uint8Array;
    }
  | {
      readonly kind: "interpret";
      readonly handles: readonly number[];
      readonly programs: readonly Program[];
    }
  | {
      readonly kind: "run";
      readonly handle: number;
      readonly feeds: Values;
      readonly alias: Record<string, string>;
    }
  | { readonly kind: "release"; readonly handle: number }
  | { readonly kind: "write"; readonly values: Values<Float32Array> }
  | { readonly kind: "read"; readonly names: readonly string[] }
  | { readonly kind: "close" };

/** A call of the engine's client, numbered so that its reply is known. */
export interface Request {
  readonly id: number;
  readonly call: Call;
}

/** What the engine's server replies to the call of the same number. */
export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };
