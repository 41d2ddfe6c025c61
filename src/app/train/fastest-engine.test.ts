import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { fastestEngine } from "./fastest-engine.ts";

/**
 * Engines by threads and precision that take `seconds` a step; those that are not named are not
 * there.
 */
function machine(seconds: Readonly<Record<string, number>>, threads = 2, provider = "cpu") {
  const open = new Set<string>();
  const told: string[] = [];
  const engineOf = (name: string, count: number): Engine => {
    open.add(name);
    const close = async (): Promise<void> => void open.delete(name);
    return { name, threads: count, target: { provider }, close } as unknown as Engine;
  };
  const trial = {
    engine: engineOf(`float32 ${threads}`, threads),
    freeThreads: true,
    freePrecision: true,
    open: async (other: { threads: number; precision?: "bfloat16" }) => {
      const name = `${other.precision ?? "float32"} ${other.threads}`;
      if (seconds[name] === undefined) throw new UserError("not here");
      return engineOf(name, other.threads);
    },
    measure: async (engine: Engine) => {
      const { name } = engine as unknown as { name: string };
      if (Number.isNaN(seconds[name])) throw new Error("broken");
      return { stepSeconds: seconds[name]!, sampleSeconds: 0 };
    },
    report: (event: { kind: string }) => void told.push(event.kind),
  };
  return { trial, open, told };
}

describe("the fastest engine", () => {
  it.each([
    ["all threads where they pay", { "float32 2": 1, "float32 1": 1.9 }, "float32 2", {}],
    [
      "one thread on a busy machine",
      { "float32 2": 2, "float32 1": 1.5 },
      "float32 1",
      { "engine.threads": 1 },
    ],
    [
      "bfloat16 where it is much faster",
      { "float32 2": 1, "float32 1": 2, "bfloat16 2": 0.4, "bfloat16 1": 0.8 },
      "bfloat16 2",
      { "engine.precision": "bfloat16" },
    ],
    [
      "float32 where bfloat16 is a little faster",
      { "float32 2": 1, "float32 1": 2, "bfloat16 2": 0.8, "bfloat16 1": 0.9 },
      "float32 2",
      {},
    ],
    [
      "bfloat16 with one thread on a busy machine, whatever suits float32",
      { "float32 2": 1, "float32 1": 1.5, "bfloat16 2": 0.9, "bfloat16 1": 0.5 },
      "bfloat16 1",
      { "engine.threads": 1, "engine.precision": "bfloat16" },
    ],
    [
      "bfloat16 with one thread where that suits float32, without trying more",
      { "float32 2": 2, "float32 1": 1.5, "bfloat16 2": Number.NaN, "bfloat16 1": 0.5 },
      "bfloat16 1",
      { "engine.threads": 1, "engine.precision": "bfloat16" },
    ],
  ])("is %s", async (_, seconds, name, values) => {
    const { trial, open } = machine(seconds);
    const chosen = await fastestEngine(trial);
    expect((chosen.engine as unknown as { name: string }).name).toBe(name);
    expect(chosen.speed.stepSeconds).toBe((seconds as Record<string, number>)[name]);
    expect(Object.fromEntries(chosen.values.map(({ path, value }) => [path, value]))).toEqual(values);
    expect([...open]).toEqual([name]);
  });

  it("is what the user has named", async () => {
    const { trial, told } = machine({ "float32 2": 2, "float32 1": 1, "bfloat16 2": 0.1 });
    const chosen = await fastestEngine({ ...trial, freeThreads: false, freePrecision: false });
    expect(chosen).toMatchObject({ engine: trial.engine, values: [] });
    expect(told).toEqual([]);
  });

  it("is not looked for beside a graphics device", async () => {
    const { trial } = machine({ "float32 2": 2, "float32 1": 1, "bfloat16 2": 0.1 }, 2, "webgpu");
    expect((await fastestEngine(trial)).engine).toBe(trial.engine);
  });

  it("leaves no engine of its own open when a trial fails", async () => {
    const { trial, open } = machine({ "float32 2": 2, "float32 1": 3, "bfloat16 2": Number.NaN });
    await expect(fastestEngine(trial)).rejects.toThrow("broken");
    expect([...open]).toEqual(["float32 2"]);
  });
});
