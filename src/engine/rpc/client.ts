/**
 * An engine in another thread: the side that asks (server.ts answers). Portable: a Node worker
 * thread and a web worker differ only in the `Channel`. No call can hang: a worker that dies
 * rejects everything that waits for it.
 */
import { canJoin, joinModels } from "../../graph/onnx/join.ts";
import { type OnnxProgram, toOnnx } from "../../graph/onnx/program.ts";
import type { Program } from "../../graph/program.ts";
import type { Engine, Executable } from "../engine.ts";
import { buffersOf, checkAlias, checkFeeds, copyAll, copyOf } from "../sessions/feeds.ts";
import { unpackFailure } from "./failures.ts";
import type { Call, EngineInfo, Reply, Request, Values } from "./messages.ts";

/** The way to the other thread. */
export interface Channel {
  post(request: Request, transfer: readonly ArrayBuffer[]): void;
  /** Whether an answer is awaited; an idle engine must not keep the process alive. */
  hold(waiting: boolean): void;
  /**
   * Tell the other side at once, past the queue, that waiting calls need not be executed any more.
   */
  cancel(): void;
  /** End the thread after it has answered `close`, or when it cannot. Resolves when it is gone. */
  end(): Promise<void>;
}

/** The asking side. */
export interface EngineClient {
  /** Hand in a message of the other side. */
  receive(reply: Reply): void;
  /**
   * The other thread is gone: everything waiting and everything to come is rejected with `reason`.
   */
  fail(reason: Error): void;
  /** Wait until the other side is ready. */
  start(): Promise<Engine>;
}

interface Waiting {
  readonly doing: string;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const isNative = ({ code }: Program): boolean => code.format === "graph" && code.provider === "native";

/** The asking side of `channel`. */
export function createEngineClient(channel: Channel): EngineClient {
  const waiting = new Map<number, Waiting>();
  let nextId = 0;
  let nextHandle = 0;
  let dead: Error | undefined;
  let closing: Promise<void> | undefined;

  function ask(doing: string, call: Call, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (dead) return Promise.reject(new Error(`${dead.message} (while ${doing})`, { cause: dead }));
    return new Promise((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { doing, resolve, reject });
      channel.hold(true);
      try {
        channel.post({ id, call }, transfer);
      } catch (error) {
        settle(id);
        reject(error);
      }
    });
  }

  function settle(id: number): Waiting | undefined {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) channel.hold(false);
    return entry;
  }

  /** Calls of the engine's users, which are refused after `close`. */
  async function use(doing: string, call: Call, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (closing) throw new Error(`The engine is closed (while ${doing}).`);
    return ask(doing, call, transfer);
  }

  async function close(): Promise<void> {
    if (!dead) {
      channel.cancel();
      await ask("closing the engine", { kind: "close" }).catch(() => undefined);
    }
    await channel.end();
  }

  /** @param sources `programs` as ONNX @param model theirs together, which this call takes over */
  async function load(
    programs: readonly Program[],
    sources: readonly OnnxProgram[],
    model: Uint8Array,
  ): Promise<Executable[]> {
    const handles = programs.map(() => nextHandle++);
    const heads = sources.map(({ model: _, ...head }) => head);
    const doing = `loading ${programs.map(({ name }) => `program "${name}"`).join(", ")}`;
    await use(doing, { kind: "load", handles, programs: heads, model }, [model.buffer as ArrayBuffer]);
    return programs.map((program, i) => executable(program, handles[i]!));
  }

  /** Programs that the other side interprets go there as they are. */
  async function interpret(programs: readonly Program[]): Promise<Executable[]> {
    const handles = programs.map(() => nextHandle++);
    const doing = `loading ${programs.map(({ name }) => `program "${name}"`).join(", ")}`;
    await use(doing, { kind: "interpret", handles, programs });
    return programs.map((program, i) => executable(program, handles[i]!));
  }

  const compile = async (program: Program): Promise<Executable> => {
    if (isNative(program)) return (await interpret([program]))[0]!;
    const source = toOnnx(program);
    // A model that was given as one stays the caller's.
    const model = program.code.format === "onnx" ? copyOf(source.model) : source.model;
    return (await load([program], [source], model))[0]!;
  };

  async function compileTogether(programs: readonly Program[], joins: boolean): Promise<Executable[]> {
    const native = programs.filter(isNative);
    if (native.length > 0) {
      const [own, others] = [
        await interpret(native),
        await compileTogether(
          programs.filter((program) => !isNative(program)),
          joins,
        ),
      ];
      return programs.map((program) => (isNative(program) ? own : others).shift()!);
    }
    if (joins && canJoin(programs)) {
      const sources = programs.map(toOnnx);
      return load(programs, sources, joinModels(sources));
    }
    const executables: Executable[] = [];
    try {
      for (const program of programs) executables.push(await compile(program));
    } catch (error) {
      for (const done of executables) await done.release();
      throw error;
    }
    return executables;
  }

  function executable(program: Program, handle: number): Executable {
    let released: Promise<void> | undefined;
    return {
      program,
      run: async (given, alias = {}) => {
        checkFeeds(program, given);
        checkAlias(program, alias);
        if (released) throw new Error(`Program "${program.name}" was released.`);
        const feeds = copyAll(given);
        const call: Call = { kind: "run", handle, feeds, alias: { ...alias } };
        return (await use(`running program "${program.name}"`, call, buffersOf(feeds))) as Values;
      },
      release: () => {
        released ??= closing
          ? closing
          : ask(`releasing program "${program.name}"`, { kind: "release", handle }).then(() => undefined);
        return released;
      },
    };
  }

  const engine = ({ joins, ...info }: EngineInfo): Engine => ({
    ...info,
    compile,
    compileTogether: (programs) => compileTogether(programs, joins),
    writeState: async (given, { give = false } = {}) => {
      const values = give ? { ...given } : copyAll(given);
      await use("writing state", { kind: "write", values }, buffersOf(values));
    },
    readState: async (names) =>
      (await use("reading state", { kind: "read", names: [...names] })) as Values<Float32Array>,
    close: () => {
      closing ??= close();
      return closing;
    },
  });

  return {
    receive(reply) {
      const entry = settle(reply.id);
      if ("failure" in reply) entry?.reject(unpackFailure(reply.failure));
      else entry?.resolve(reply.value);
    },
    fail(reason) {
      dead ??= reason;
      for (const [id, entry] of [...waiting]) {
        settle(id);
        entry.reject(new Error(`${reason.message} (while ${entry.doing})`, { cause: reason }));
      }
    },
    start: async () => engine((await ask("starting the engine", { kind: "start" })) as EngineInfo),
  };
}
