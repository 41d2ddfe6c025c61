/**
 * `auto` in Node. Where there is something beside the CPU, each device takes a trial step
 * (trial.ts) in a process of its own, as drivers may crash or write to the terminal; the result is
 * kept until machine, drivers or runtime change. `doctor` tries again.
 */
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, release } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { defaultCacheFolder } from "../../base/disk/cache.node.ts";
import {
  errorCode,
  makeFolderOf,
  removeUnfinished,
  sha256,
  writeFileWhole,
} from "../../base/disk/files.node.ts";
import { readJsonFile } from "../../base/disk/regular.node.ts";
import { UserError } from "../../base/errors.ts";
import { moduleBeside } from "../../base/processes/modules.node.ts";
import { DEVICES } from "../engine.ts";
import { runInSubprocess } from "../subprocess.node.ts";
import { availableThreads } from "./cpu.node.ts";
import { BENCHMARK_VERSION, type DeviceBenchmark, pickFastest } from "./device-benchmark.ts";
import type { DeviceChoice, RealDevice } from "./devices.ts";

/** A line of the process that tries: a device whose turn it is, or its result. */
export type TrialLine = { readonly begin: RealDevice } | DeviceBenchmark;

/** What `resolveAuto` goes by; replaceable for tests. */
export interface AutoOptions {
  readonly threads: number;
  /** Do not believe an earlier result. */
  readonly fresh?: boolean;
  readonly cacheFolder?: string;
  /** What graphics this machine has, by any names; none of them means that no trial is made. */
  readonly graphics?: readonly string[];
  readonly runTrials?: (threads: number) => Promise<DeviceBenchmark[]>;
}

/** The device for `auto`, and why. */
export async function resolveAuto(options: AutoOptions): Promise<DeviceChoice> {
  const { graphics = findGraphics(), cacheFolder = defaultCacheFolder() } = options;
  if (graphics.length === 0) return { device: "cpu", reason: "auto: there is no graphics device here" };
  const threads = options.threads > 0 ? options.threads : availableThreads();
  const file = join(cacheFolder, "devices", `${fingerprint(threads, graphics)}.json`);
  if (!options.fresh) {
    const known = await readChoice(file);
    if (known) return known;
  }
  const results = await (options.runTrials ?? runTrials)(threads);
  const choice = pickFastest(results);
  // A process that could not even begin says nothing about the devices.
  if (results.length > 0) await keepChoice(file, choice);
  return choice;
}

/**
 * Names of graphics devices and drivers. On Linux what the kernel shows and which Vulkan drivers
 * are installed; elsewhere there always is one.
 */
export function findGraphics(
  platform: string = process.platform,
  list: (folder: string) => readonly string[] = listFolder,
): string[] {
  if (platform !== "linux") return [`${platform} ${release()}`];
  const devices = [
    ...list("/dev/dri").filter((name) => name.startsWith("renderD")),
    // NVIDIA's driver; AMD's for computing; Windows' graphics below WSL.
    ...list("/dev").filter((name) => /^(nvidia\d+|kfd|dxg)$/.test(name)),
    // biome-ignore lint/complexity/useLiteralKeys: an index signature
    ...(process.env["VK_ICD_FILENAMES"]?.split(":") ?? []),
  ];
  if (devices.length === 0) return [];
  return [...devices, ...list("/usr/share/vulkan/icd.d"), ...list("/etc/vulkan/icd.d")];
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Everything that a result depends on. */
function fingerprint(threads: number, graphics: readonly string[]): string {
  const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string };
  const facts = [
    BENCHMARK_VERSION,
    version,
    process.platform,
    process.arch,
    cpus()[0]?.model,
    threads,
    graphics,
  ];
  return sha256(JSON.stringify(facts)).slice(0, 16);
}

const choiceSchema = z.object({
  device: z.enum(DEVICES).exclude(["auto"]),
  reason: z.string(),
}) satisfies z.ZodType<DeviceChoice>;

async function readChoice(file: string): Promise<DeviceChoice | undefined> {
  return readJsonFile(file, { schema: choiceSchema, hint: "" }).catch(() => undefined);
}

/** Where nothing can be kept, the next run tries again. */
async function keepChoice(file: string, choice: DeviceChoice): Promise<void> {
  try {
    await makeFolderOf(file);
    await removeUnfinished(dirname(file));
    await writeFileWhole(file, JSON.stringify(choice));
  } catch (error) {
    if (!(error instanceof UserError) && errorCode(error) === undefined) throw error;
  }
}

/** Longer than any device that is of use takes to compile and run its trial, in milliseconds. */
const LONGEST_TRIAL = 20_000;

/** Try all devices this build offers. @param limit milliseconds for all of them */
export async function runTrials(threads: number, limit = LONGEST_TRIAL): Promise<DeviceBenchmark[]> {
  const module = moduleBeside("device-benchmark.node", import.meta.url);
  const { lines, failure } = await runInSubprocess(module, `tryDevices(${threads})`, limit);
  const said = lines as readonly TrialLine[];
  const results = said.flatMap((line) => ("begin" in line ? [] : [line]));
  const last = said.at(-1);
  if (failure && last && "begin" in last) return [...results, { device: last.begin, failure }];
  return results;
}
