/** Runs with the toy objective whose numbers become infinite or none. */
import { describe, expect, it } from "vitest";
import { readMetrics } from "../../evaluation/metrics.node.ts";
import type { TrainEvent } from "../../events.ts";
import { listCheckpoints } from "../../run/checkpoint/checkpoint.node.ts";
import { openRun } from "../../run/folder/run-folder.node.ts";
import { runTraining } from "../../run/run.node.ts";
import { type FakeOptions, fakeConfig, fakeEngine, fakeSteps, fakeStore } from "../../testing/fake.ts";
import { message, toySessions } from "../../testing/session.ts";

const { path, session } = toySessions();

describe("divergence", () => {
  it("stops at a result that is not finite and names it, the step and the last good checkpoint", async () => {
    const poison: FakeOptions["beforeUpdate"] = (update, state) => {
      if (update === 3 * 6) state.get("discriminator/parameters")![0] = Number.NaN;
    };
    const events: TrainEvent[] = [];
    const text = await message(
      session("run", { engine: { beforeUpdate: poison }, onEvent: (event) => events.push(event) }),
    );
    expect(text).toContain("discriminator/loss became NaN at step 7");
    expect(text).toContain("step 4");
    expect(events.at(-1)).toEqual({ kind: "stop", step: 7, reason: "diverged" });
    expect(await listCheckpoints(path("run", "checkpoints"))).toEqual([4]);
    const { lines } = await readMetrics(path("run", "metrics.jsonl"));
    expect(lines.findLast(({ kind }) => kind === "step")?.step).toBe(6);
  });

  it("never saves state that is not finite, and names the tensor", async () => {
    const poison: FakeOptions["beforeUpdate"] = (update, state) => {
      if (update === 3 * 7) state.get("generator/adam/m")![5] = Number.POSITIVE_INFINITY;
    };
    const engine = fakeEngine({ beforeUpdate: poison });
    // The toy's sine turns infinity into NaN in the results; hide those, as a large network's loss can.
    const blind: typeof engine = {
      ...engine,
      compileTogether: async (programs) =>
        (await engine.compileTogether(programs)).map((executable) => {
          const { name, results } = executable.program;
          const zeros = Object.fromEntries(results.map((result) => [result.name, Float32Array.of(0)]));
          return name === "sampler"
            ? executable
            : { ...executable, run: (feeds, alias) => executable.run(feeds, alias).then(() => zeros) };
        }),
    };
    const config = fakeConfig();
    const run = await openRun({ config, dir: path("run") });
    const text = await message(
      runTraining({ run, config, steps: fakeSteps(), engine: blind, store: fakeStore() }),
    );
    await run.close();
    expect(text).toContain("generator/linear/bias");
    expect(text).toContain("at step 8");
    expect(await listCheckpoints(path("run", "checkpoints"))).toEqual([4]);
  });
});
