import { describe, expect, onTestFinished, test } from "vitest";
import { UserError } from "../base/errors.ts";
import { randomStream } from "../base/random.ts";
import type { Engine, EngineOptions } from "./engine.ts";
import { createEngine, createInThreadEngine } from "./node.node.ts";
import { program } from "./testing/onnx.ts";
import { accumulate, enormous, fragile, mixed, network, slow } from "./testing/programs.ts";

const makers = { "worker thread": createEngine, inline: createInThreadEngine };

describe.each(Object.entries(makers))("engine: %s", (_, make) => {
  const open = async (options: Partial<EngineOptions> = {}): Promise<Engine> => {
    const engine = await make({ device: "cpu", threads: 2, ...options });
    onTestFinished(() => engine.close());
    return engine;
  };

  test("runs, keeps state between runs and gives copies of it", async () => {
    const engine = await open();
    const executable = await engine.compile(accumulate(4));
    const initial = Float32Array.of(10, 20, 30, 40);
    await engine.writeState({ w: initial });
    const x = Float32Array.of(1, 2, 3, 4);
    expect(await executable.run({ x })).toEqual({ old: initial, sum: Float32Array.of(110) });
    expect(await executable.run({ x })).toEqual({
      old: Float32Array.of(11, 22, 33, 44),
      sum: Float32Array.of(120),
    });

    const read = await engine.readState(["w"]);
    expect(read).toEqual({ w: Float32Array.of(12, 24, 36, 48) });
    read.w!.fill(0);
    initial.fill(0);
    expect((await engine.readState(["w"])).w).toEqual(Float32Array.of(12, 24, 36, 48));
    expect(x).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  test("state can be given away", async () => {
    const engine = await open();
    await engine.writeState({ w: Float32Array.of(1, 2), v: Float32Array.of(3) }, { give: true });
    expect(await engine.readState(["v", "w"])).toEqual({ v: Float32Array.of(3), w: Float32Array.of(1, 2) });
  });

  test("two programs share state by name", async () => {
    const engine = await open();
    const first = await engine.compile(accumulate(4));
    const second = await engine.compile(fragile);
    await engine.writeState({ w: new Float32Array(4) });
    await first.run({ x: Float32Array.of(1, 1, 1, 1) });
    const { picked } = await second.run({ x: Float32Array.of(0, 5, 0, 0), index: BigInt64Array.of(1n) });
    expect(picked).toEqual(Float32Array.of(6));
  });

  test("an alias reads other state and still writes the program's own", async () => {
    const engine = await open();
    const executable = await engine.compile(accumulate(2));
    await engine.writeState({ w: Float32Array.of(1, 1), average: Float32Array.of(7, 7) });
    const { old } = await executable.run({ x: Float32Array.of(1, 2) }, { w: "average" });
    expect(old).toEqual(Float32Array.of(7, 7));
    expect(await engine.readState(["w", "average"])).toEqual({
      w: Float32Array.of(8, 9),
      average: Float32Array.of(7, 7),
    });
    await expect(executable.run({ x: new Float32Array(2) }, { v: "average" })).rejects.toThrow(
      /"v" is aliased but not read/,
    );
  });

  test("runs are executed in the order of the calls, feeds taken at the call", async () => {
    const engine = await open();
    const executable = await engine.compile(accumulate(1));
    await engine.writeState({ w: Float32Array.of(0) });
    const x = new Float32Array(1);
    const runs = Array.from({ length: 20 }, (_, i) => {
      x[0] = i;
      return executable.run({ x });
    });
    const sums = (await Promise.all(runs)).map(({ sum }) => sum?.[0]);
    expect(sums).toEqual(Array.from({ length: 20 }, (_, i) => (i * (i + 1)) / 2));
  });

  test("bool, int64 and uint8 cross the border; a view into a larger buffer is a feed like any other", async () => {
    const engine = await open();
    const executable = await engine.compile(mixed);
    const store = Uint8Array.of(9, 9, 1, 2, 255, 9);
    const results = await executable.run({
      flag: Uint8Array.of(0, 1),
      count: BigInt64Array.of(-3n, 2n ** 40n),
      pixel: store.subarray(2, 5),
    });
    expect(results).toEqual({
      flag: Uint8Array.of(1, 0),
      count: BigInt64Array.of(-6n, 2n ** 41n),
      pixel: Uint8Array.of(1, 2, 255),
    });
    expect(store).toEqual(Uint8Array.of(9, 9, 1, 2, 255, 9));
  });

  test("a failed run writes nothing and leaves the engine usable", async () => {
    const engine = await open();
    const executable = await engine.compile(fragile);
    await engine.writeState({ w: Float32Array.of(1, 2, 3, 4) });
    const x = Float32Array.of(1, 1, 1, 1);
    await expect(executable.run({ x, index: BigInt64Array.of(99n) })).rejects.toThrow(
      /"fragile" failed.*99/s,
    );
    expect((await engine.readState(["w"])).w).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(await executable.run({ x, index: BigInt64Array.of(0n) })).toEqual({ picked: Float32Array.of(2) });
  });

  test("running out of memory is the user's to mend, and not the end", async () => {
    const engine = await open();
    const executable = await engine.compile(enormous);
    const run = executable.run({ column: new Float32Array(4e6), row: new Float32Array(4e6) });
    const error = await run.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(/"enormous".*not enough memory/);
    expect((error as UserError).hint).toMatch(/smaller batch/);
    await engine.writeState({ w: Float32Array.of(3) });
    expect(await engine.readState(["w"])).toEqual({ w: Float32Array.of(3) });
  });

  test("mistakes in feeds and state are named", async () => {
    const engine = await open();
    const executable = await engine.compile(accumulate(4));
    const x = new Float32Array(4);
    await expect(executable.run({ x })).rejects.toThrow(
      /"accumulate": state "w" was never written \(.*nothing yet/,
    );
    await engine.writeState({ w: new Float32Array(3) });
    await expect(executable.run({ x })).rejects.toThrow(/state "w" holds 3 values, but "w" is float32 \[4\]/);
    await expect(executable.run({})).rejects.toThrow(/feed "x" \(float32 \[4\]\) is missing/);
    await expect(executable.run({ x: new Float32Array(5) })).rejects.toThrow(/4 values, but 5 were given/);
    await expect(engine.readState(["v"])).rejects.toThrow(/"v" was never written \(in the store: w\)/);
  });

  test("a model that is none, or not what the program says, is refused by name", async () => {
    const engine = await open();
    const good = accumulate(4);
    const code = { format: "onnx", model: Uint8Array.of(1, 2, 3), overwrites: [] } as const;
    await expect(engine.compile({ ...good, code })).rejects.toThrow(
      /Program "accumulate" could not be loaded/,
    );
    await expect(engine.compile({ ...good, results: [] })).rejects.toThrow(
      /output result:old, result:sum in the model but not declared/,
    );
    await expect(engine.compile({ ...good, feeds: [...good.feeds, ...mixed.feeds] })).rejects.toThrow(
      /input feed:flag, feed:count, feed:pixel declared but not in the model/,
    );
    const executable = await engine.compile(good);
    expect(executable.program.name).toBe("accumulate");
  });

  test("nothing runs after release or close; both may be repeated", async () => {
    const engine = await open();
    const executable = await engine.compile(accumulate(4));
    const kept = await engine.compile(accumulate(4));
    await executable.release();
    await executable.release();
    await expect(executable.run({ x: new Float32Array(4) })).rejects.toThrow(/"accumulate" was released/);
    await engine.close();
    await engine.close();
    await expect(kept.run({ x: new Float32Array(4) })).rejects.toThrow(/engine is closed.*"accumulate"/);
    await kept.release();
    await expect(engine.compile(accumulate(4))).rejects.toThrow(/engine is closed/);
    await expect(engine.readState(["w"])).rejects.toThrow(/engine is closed/);
  });

  test("the same feeds, state and threads give the same bits in another engine", async () => {
    const stream = randomStream(1, "test");
    const normal = (size: number) => Float32Array.from({ length: size }, () => stream.normal());
    const state = { kernel: normal(32 * 27), matrix: normal(32 * 256 * 16) };
    const x = normal(8 * 3 * 256);
    const outcome = async () => {
      const engine = await open();
      const executable = await engine.compile(network);
      await engine.writeState(state);
      const results = [await executable.run({ x }), await executable.run({ x })];
      return { results, state: await engine.readState(["kernel", "matrix"]) };
    };
    const first = await outcome();
    expect(first.results[0]?.y?.some((value) => value !== 0)).toBe(true);
    expect(first.results[0]).not.toEqual(first.results[1]);
    expect(await outcome()).toEqual(first);
  });

  test("says what it is", async () => {
    const engine = await open({ device: "auto", threads: 1 });
    expect(engine.device).toBe("cpu");
    expect(engine.threads).toBe(1);
    expect(engine.description).toMatch(/^cpu \(auto: .+\), 1 thread, ONNX Runtime \d+\.\d+\.\d+$/);
    expect((await open({ threads: 0 })).threads).toBeGreaterThanOrEqual(1);
  });

  test("an unknown device and one of another platform are refused with what there is", async () => {
    const unknown = await make({ device: "wepgpu" as "cpu", threads: 1 }).catch((e: unknown) => e);
    expect(unknown).toBeInstanceOf(UserError);
    expect((unknown as UserError).hint).toMatch(/Did you mean "webgpu"/);
    const foreign = process.platform === "win32" ? "coreml" : "dml";
    const missing = await make({ device: foreign, threads: 1 }).catch((e: unknown) => e);
    expect(missing).toBeInstanceOf(UserError);
    expect((missing as UserError).message).toMatch(new RegExp(`"${foreign}".*offers cpu`));
  });

  test("ONNX Runtime's own levels of rewriting can be chosen", async () => {
    const stream = randomStream(2, "test");
    const state = {
      kernel: Float32Array.from({ length: 32 * 27 }, () => stream.normal()),
      matrix: new Float32Array(32 * 256 * 16).fill(0.01),
    };
    const results = [];
    for (const graphOptimizationLevel of ["disabled", "all"] as const) {
      const engine = await open({ tuning: { graphOptimizationLevel, memoryArena: false } });
      const executable = await engine.compile(network);
      await engine.writeState(state);
      results.push(await executable.run({ x: new Float32Array(8 * 3 * 256).fill(0.5) }));
    }
    const [plain, rewritten] = results.map(({ y }) => [...(y as Float32Array)]);
    plain!.forEach((value, i) => {
      expect(Math.abs(value - rewritten![i]!)).toBeLessThanOrEqual(1e-4 * Math.abs(value));
    });
    const wrong = await open({ tuning: { graphOptimizationLevel: "most" as "all" } });
    await expect(wrong.compile(network)).rejects.toThrow(/most/);
  });
});

describe("worker thread", () => {
  test("the event loop stays free while a program runs", async () => {
    const engine = await createEngine({ device: "cpu", threads: 1 });
    onTestFinished(() => engine.close());
    const executable = await engine.compile(slow(512, 40));
    let turns = 0;
    let running = true;
    const turn = (): void => {
      turns++;
      if (running) setImmediate(turn);
    };
    turn();
    await executable.run({ a: new Float32Array(512 * 512) });
    running = false;
    // A run in this thread leaves a handful of turns around it.
    expect(turns).toBeGreaterThan(100);
  });

  test("closing finishes the run under way and rejects those that wait", async () => {
    const engine = await createEngine({ device: "cpu", threads: 2 });
    const executable = await engine.compile(slow(512, 40));
    const feed = { a: new Float32Array(512 * 512) };
    await executable.run(feed);
    const waiting = Array.from({ length: 20 }, () => executable.run(feed));
    const outcomes = Promise.allSettled(waiting);
    await engine.close();
    const statuses = (await outcomes).map(({ status }) => status);
    expect(statuses).toEqual([...statuses].sort()); // "fulfilled" first
    expect(statuses.at(-1)).toBe("rejected");
    await expect(waiting.at(-1)).rejects.toThrow(/closed before/);
  });
});

test("an operator ONNX Runtime does not know is named", async () => {
  const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
  onTestFinished(() => engine.close());
  const strange = program("strange", [{ op: "Frobnicate", inputs: ["feed:x"], outputs: ["result:y"] }], {
    feeds: [{ name: "x", dtype: "float32", shape: [1] }],
    results: [{ name: "y", dtype: "float32", shape: [1] }],
  });
  await expect(engine.compile(strange)).rejects.toThrow(/"strange" could not be loaded.*Frobnicate/);
});
