/**
 * Runs in bfloat16: continued they end bit for bit as if nothing had been, and checkpoints go from
 * one engine to the other.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import type { TrainEvent } from "../../src/training/events.ts";
import { REAL_CONFIG, trainReal } from "../../src/training/testing/real.ts";
import { essence } from "../../src/training/testing/session.ts";
import { describeWith } from "../support/needs.ts";

const config = { ...REAL_CONFIG, engine: { ...REAL_CONFIG.engine, precision: "bfloat16" as const } };
const missing = await createInThreadEngine(config.engine).then(
  (engine) => engine.close().then(() => undefined),
  () => "oneDNN 2.6 or later, and a processor with AVX512_BF16 or AMX",
);
const root = mkdtemp(join(tmpdir(), "quarterturn-bfloat16-"));
afterAll(async () => rm(await root, { recursive: true, force: true }));

describeWith(missing, "a run in bfloat16", () => {
  it("goes on bit for bit when interrupted, and says what computes it", async () => {
    const [whole, cut] = [join(await root, "whole"), join(await root, "cut")];
    await trainReal(whole, { config });
    const events: TrainEvent[] = [];
    await trainReal(cut, { config, abortAt: 3 });
    await trainReal(cut, { config, onEvent: (event) => events.push(event) });
    expect(await essence(cut)).toEqual(await essence(whole));
    expect(events.filter(({ kind }) => kind === "warning")).toEqual([]);
    const { engine } = JSON.parse(await readFile(join(whole, "environment.json"), "utf8")).sessions[0];
    expect(engine).toMatch(/training in bfloat16 on oneDNN [23]\.\d+/);
  });

  it("is another run than one in float32, which it can continue with a notice, and be continued by", async () => {
    const dir = join(await root, "moved");
    await trainReal(dir, { abortAt: 2 });
    const events: TrainEvent[] = [];
    const onEvent = (event: TrainEvent) => events.push(event);
    await trainReal(dir, { config, abortAt: 4, onEvent });
    await trainReal(dir, { onEvent });
    const notices = events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
    const matching = (pattern: RegExp) => notices.filter((notice) => pattern.test(notice)).length;
    expect(matching(/goes on with "[^"]*bfloat16 on oneDNN/)).toBe(1);
    expect(matching(/computed by "[^"]*bfloat16 on oneDNN/)).toBe(1);
    expect(matching(/engine\.precision.*rounded differently/)).toBe(2);
    expect(await essence(dir)).not.toEqual(await essence(join(await root, "whole")));
  });
});
