/** Programs compiled together are one model inside, and nothing of that shows outside. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { compile, type Target } from "../../graph/compile.ts";
import * as g from "../../graph/index.ts";
import { toOnnx } from "../../graph/onnx/program.ts";
import { readFields } from "../../graph/onnx/protobuf.ts";
import type { Program } from "../../graph/program.ts";
import type { Engine, EngineOptions } from "../engine.ts";
import { createEngine, createInThreadEngine } from "../node.node.ts";
import { accumulate, fragile, mixed, network } from "../testing/programs.ts";
import { profileFiles } from "./profile.node.ts";

/** The first two have the feed x and the state w in common. */
const programs: readonly Program[] = [accumulate(4), fragile, mixed];
const x = Float32Array.of(1, 2, 3, 4);
const inputs = {
  flag: Uint8Array.of(0, 1),
  count: BigInt64Array.of(-3n, 2n ** 40n),
  pixel: Uint8Array.of(1, 2, 255),
};

const image = Float32Array.from({ length: 8 * 3 * 256 }, (_, i) => Math.sin(i));
/** What `network` reads. */
const networkState = (): Record<string, Float32Array> =>
  Object.fromEntries(
    network.reads.map(({ name, shape }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return [name, Float32Array.from({ length: size }, (_, i) => Math.cos(i))];
    }),
  );

describe.each(Object.entries({ "worker thread": createEngine, inline: createInThreadEngine }))(
  "%s",
  (_, make) => {
    const open = async (options: Partial<EngineOptions> = {}): Promise<Engine> => {
      const engine = await make({ device: "cpu", threads: 2, ...options });
      onTestFinished(() => engine.close());
      return engine;
    };

    test("results and state are those of programs compiled apart", async () => {
      const outcome = async (together: boolean): Promise<unknown> => {
        const engine = await open();
        const [first, second, third] = together
          ? await engine.compileTogether(programs)
          : await Promise.all(programs.map((program) => engine.compile(program)));
        await engine.writeState({ w: Float32Array.of(10, 20, 30, 40), other: Float32Array.of(5, 5, 5, 5) });
        const results = [
          await third!.run(inputs),
          await first!.run({ x }),
          await second!.run({ x, index: BigInt64Array.of(2n) }),
          await first!.run({ x }, { w: "other" }),
          await third!.run(inputs),
        ];
        return {
          results,
          state: await engine.readState(["w", "other"]),
          names: [first, second, third].map((e) => e!.program.name),
        };
      };
      expect(await outcome(true)).toEqual(await outcome(false));
    });

    test("state that another program reads may be missing", async () => {
      const engine = await open();
      const [first, , third] = await engine.compileTogether(programs);
      expect(await third!.run(inputs)).toMatchObject({ flag: Uint8Array.of(1, 0) });
      await expect(first!.run({ x })).rejects.toThrow(/"accumulate": state "w" was never written/);
    });

    test("a failed run writes nothing and leaves the others usable", async () => {
      const engine = await open();
      const [first, second] = await engine.compileTogether(programs);
      await engine.writeState({ w: new Float32Array(4) });
      await expect(second!.run({ x, index: BigInt64Array.of(99n) })).rejects.toThrow(/"fragile" failed.*99/s);
      expect(await engine.readState(["w"])).toEqual({ w: new Float32Array(4) });
      expect((await first!.run({ x })).sum).toEqual(Float32Array.of(10));
    });

    test("one can be released without the others", async () => {
      const engine = await open();
      const [first, second, third] = await engine.compileTogether(programs);
      await engine.writeState({ w: new Float32Array(4) });
      await first!.release();
      await first!.release();
      await expect(first!.run({ x })).rejects.toThrow(/"accumulate" was released/);
      expect(await second!.run({ x, index: BigInt64Array.of(3n) })).toEqual({ picked: Float32Array.of(4) });
      await third!.release();
      await second!.release();
      await expect(second!.run({ x, index: BigInt64Array.of(3n) })).rejects.toThrow(/released/);
    });

    test("feeds of one name may differ in shape", async () => {
      const engine = await open();
      // Both are fed an x, of 4 and of 8 · 3 · 16 · 16 values.
      const [first, second] = await engine.compileTogether([accumulate(4), network]);
      await engine.writeState({ w: new Float32Array(4), ...networkState() });
      expect((await first!.run({ x })).sum).toEqual(Float32Array.of(10));
      const { y } = await second!.run({ x: image });
      expect(y!.length).toBe(8 * 16);
      expect(y!.some((value) => value !== 0)).toBe(true);
    });

    test("programs whose state or names clash are compiled all the same", async () => {
      const engine = await open();
      const [small, large, again] = await engine.compileTogether([accumulate(2), accumulate(3), mixed]);
      await engine.writeState({ w: Float32Array.of(1, 1) });
      expect((await small!.run({ x: Float32Array.of(1, 2) })).sum).toEqual(Float32Array.of(5));
      await engine.writeState({ w: Float32Array.of(1, 1, 1) });
      expect((await large!.run({ x: Float32Array.of(1, 2, 3) })).sum).toEqual(Float32Array.of(9));
      expect(await again!.run(inputs)).toMatchObject({ flag: Uint8Array.of(1, 0) });
    });

    test("the same bits as apart", async () => {
      const run = async (together: boolean): Promise<unknown> => {
        const engine = await open();
        const [executable] = together
          ? await engine.compileTogether([network, mixed])
          : [await engine.compile(network)];
        await engine.writeState(networkState());
        const results = [await executable!.run({ x: image }), await executable!.run({ x: image })];
        return { results, state: await engine.readState(network.writes.map(({ name }) => name)) };
      };
      expect(await run(true)).toEqual(await run(false));
    });
  },
);

test("profiles stay one a program", async () => {
  const folder = mkdtempSync(join(tmpdir(), "together-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const prefix = join(folder, "run");
  const engine = await createInThreadEngine({ device: "cpu", threads: 1, profile: prefix });
  const [first, , third] = await engine.compileTogether(programs);
  await engine.writeState({ w: new Float32Array(4) });
  await first!.run({ x });
  await third!.run(inputs);
  await engine.close();
  expect(profileFiles(prefix)).toHaveLength(3);
});

test("programs with large results in place, of different shapes, can be joined", async () => {
  const N = 2 ** 19;
  const target: Target = { provider: "cpu", block: 0 };
  const turned = (name: string, rows: number) => {
    const x = g.input("x", [N]);
    const matrix = g.reshape(x, [rows, N / rows]);
    const y = g.reshape(g.relu(g.transpose(matrix, [1, 0])), [N]);
    const program = compile({ name, feeds: { x }, results: { y } }, target);
    // GraphProto: value_info 13. The transposed matrix and what is made in its place are declared.
    const graph = readFields(toOnnx(program).model).find(({ field }) => field === 7)!;
    expect(readFields(graph.content).filter(({ field }) => field === 13)).toHaveLength(2);
    return program;
  };
  const values = (): Float32Array => Float32Array.from({ length: N }, (_, i) => i - 1000);
  const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
  onTestFinished(() => engine.close());
  const executables = await engine.compileTogether([turned("first", 2), turned("second", 4)]);
  for (const [i, rows] of [2, 4].entries()) {
    const { y } = await executables[i]!.run({ x: values() });
    const columns = N / rows;
    const expected = Float32Array.from({ length: N }, (_, at) => {
      const [column, row] = [Math.floor(at / rows), at % rows];
      return Math.max(0, row * columns + column - 1000);
    });
    expect(y).toEqual(expected);
  }
});
