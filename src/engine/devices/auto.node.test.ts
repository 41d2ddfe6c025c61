import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createInThreadEngine } from "../node.node.ts";
import { findGraphics, resolveAuto, runTrials } from "./auto.node.ts";
import type { DeviceBenchmark } from "./device-benchmark.ts";

const RESULTS: readonly DeviceBenchmark[] = [
  { device: "cpu", milliseconds: 40 },
  { device: "webgpu", milliseconds: 4 },
];

/** A cache folder, and trials that count how often they were made. */
function laboratory() {
  const cacheFolder = mkdtempSync(join(tmpdir(), "quarterturn-auto-"));
  onTestFinished(() => rmSync(cacheFolder, { recursive: true }));
  const made = { trials: 0 };
  const runTrials = async (): Promise<DeviceBenchmark[]> => {
    made.trials++;
    return [...RESULTS];
  };
  return { cacheFolder, made, options: { threads: 2, cacheFolder, graphics: ["renderD128"], runTrials } };
}

test("without a graphics device nothing is tried", async () => {
  const { made, options } = laboratory();
  const choice = await resolveAuto({ ...options, graphics: [] });
  expect(choice).toEqual({ device: "cpu", reason: "auto: there is no graphics device here" });
  expect(made.trials).toBe(0);
});

test("tried once for a machine, and again for other drivers, other threads or when asked to", async () => {
  const { made, options } = laboratory();
  const choice = await resolveAuto(options);
  expect(choice).toEqual({ device: "webgpu", reason: "auto, by a trial step: cpu 40 ms, webgpu 4.0 ms" });
  expect(await resolveAuto(options)).toEqual(choice);
  expect(made.trials).toBe(1);
  await resolveAuto({ ...options, graphics: ["renderD128", "radeon_icd.json"] });
  await resolveAuto({ ...options, threads: 1 });
  await resolveAuto({ ...options, fresh: true });
  expect(made.trials).toBe(4);
});

test("trials without results say so and are made again", async () => {
  const { made, options } = laboratory();
  const broken = { ...options, runTrials: async () => [] };
  expect(await resolveAuto(broken)).toEqual({ device: "cpu", reason: "auto: no device could be tried" });
  expect((await resolveAuto(options)).device).toBe("webgpu");
  expect(made.trials).toBe(1);
});

test("a damaged record of an earlier trial is not believed", async () => {
  const { cacheFolder, made, options } = laboratory();
  await resolveAuto(options);
  const folder = join(cacheFolder, "devices");
  for (const file of readdirSync(folder)) writeFileSync(join(folder, file), '{"device":');
  expect((await resolveAuto(options)).device).toBe("webgpu");
  expect(made.trials).toBe(2);
});

test("a place that cannot be written to costs a trial each time, nothing else", async () => {
  const { cacheFolder, made, options } = laboratory();
  const file = join(cacheFolder, "file");
  writeFileSync(file, "");
  chmodSync(file, 0o400);
  for (let i = 0; i < 2; i++)
    expect((await resolveAuto({ ...options, cacheFolder: file })).device).toBe("webgpu");
  expect(made.trials).toBe(2);
});

test("graphics on Linux are what the kernel and the Vulkan loader know of", () => {
  const folders: Record<string, string[]> = {
    "/dev/dri": ["by-path", "card0", "renderD128"],
    "/dev": ["null", "nvidia0", "nvidiactl"],
    "/usr/share/vulkan/icd.d": ["nvidia_icd.json"],
  };
  const list = (folder: string): string[] => folders[folder] ?? [];
  expect(findGraphics("linux", list)).toEqual(
    expect.arrayContaining(["renderD128", "nvidia0", "nvidia_icd.json"]),
  );
  expect(findGraphics("darwin", list)).toHaveLength(1);
});

test("the process that tries reports the CPU, and what became of the others", async () => {
  const [cpu, ...others] = await runTrials(1, 600_000);
  expect(cpu).toMatchObject({ device: "cpu", milliseconds: expect.any(Number) });
  for (const result of others)
    expect("failure" in result ? result.failure : result.milliseconds).toBeTruthy();
});

test("an engine for auto says what was chosen and why", async () => {
  vi.stubEnv("QUARTERTURN_CACHE", laboratory().cacheFolder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const engine = await createInThreadEngine({ device: "auto", threads: 1 });
  expect(engine.description).toMatch(/^\w+ \(auto.*\), 1 thread, ONNX Runtime/);
  await engine.close();
});
