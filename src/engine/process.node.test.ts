/**
 * The engine in a process of its own: what it computes, and what its death means for whoever uses
 * it.
 */
import { expect, onTestFinished, test } from "vitest";
import { describeWith } from "../../test/support/needs.ts";
import { residentMemory } from "./devices/cpu.node.ts";
import type { Engine } from "./engine.ts";
import { createEngine, createInThreadEngine } from "./node.node.ts";
import { accumulate } from "./testing/programs.ts";

const options = { device: "cpu", threads: 1, precision: "bfloat16" } as const;
const missing = await createInThreadEngine(options).then(
  (engine) => engine.close().then(() => undefined),
  () => "oneDNN 2.6 or later, and a processor with AVX512_BF16 or AMX",
);
const x = Float32Array.of(1, 2, 3, 4);

describeWith(missing, "an engine in a process of its own", () => {
  async function open(): Promise<Engine> {
    const engine = await createEngine(options);
    onTestFinished(() => engine.close());
    return engine;
  }

  test("computes, keeps state, and counts in memory", async () => {
    const engine = await open();
    expect(engine.process).not.toBe(process.pid);
    const program = await engine.compile(accumulate(4));
    await engine.writeState({ w: new Float32Array(4) });
    expect((await program.run({ x })).sum).toEqual(Float32Array.of(10));
    expect(residentMemory(engine.process).peak).toBeGreaterThan(residentMemory().peak + 1e7);
  });

  test("its crash is an error of the call under way and of all later ones, and nothing else", async () => {
    const engine = await open();
    const program = await engine.compile(accumulate(4));
    await engine.writeState({ w: new Float32Array(4) });
    process.kill(engine.process!, "SIGSEGV");
    await expect(program.run({ x })).rejects.toThrow(
      "The engine's process was ended by SIGSEGV (while running program",
    );
    await expect(engine.readState(["w"])).rejects.toThrow(/SIGSEGV \(while reading state/);
    await engine.close();
  });

  test("signals that mean the whole group of processes do not end it", async () => {
    const engine = await open();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(engine.process!, signal);
    await engine.writeState({ w: x });
    expect(await engine.readState(["w"])).toEqual({ w: x });
  });

  test("closing passes over the runs that wait", async () => {
    const engine = await open();
    const program = await engine.compile(accumulate(4));
    await engine.writeState({ w: new Float32Array(4) });
    const runs = Promise.allSettled(Array.from({ length: 200 }, () => program.run({ x })));
    await engine.close();
    const outcomes = await runs;
    expect(outcomes.some(({ status }) => status === "rejected")).toBe(true);
  });
});
