/** The use case `doctor`: what this machine offers, and what is missing. */
import { constants } from "node:fs";
import { access, readdir, stat, statfs } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../base/disk/folders.node.ts";
import { firstLineOf } from "../base/errors.ts";
import { option, setting } from "../base/option-names.ts";
import { formatBytes } from "../base/text/format/index.ts";
import { DEVICES } from "../engine/engine.ts";
import type { Context } from "./context.ts";
import type { MachineCheck } from "./events.ts";

const REINSTALL = "Install the packages again: npm ci";

/** Look at everything, one thing after the other. An engine is started on every device. */
export async function examineMachine({ report }: Pick<Context, "report">): Promise<MachineCheck[]> {
  const checks: MachineCheck[] = [];
  for (const look of [
    checkNode,
    checkProcessor,
    checkMemory,
    ...deviceChecks(),
    checkAuto,
    checkBfloat16,
    checkSharp,
    checkBuiltIn,
    checkFeatures,
    checkCache,
  ]) {
    const check = await look();
    checks.push(check);
    void report({ kind: "check", check });
  }
  return checks;
}

function checkNode(): MachineCheck {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const found = `${process.version} on ${process.platform} ${process.arch}`;
  if (major > 20 || (major === 20 && minor >= 19)) return { name: "Node", state: "ok", found };
  return {
    name: "Node",
    state: "missing",
    found,
    remedy: "Version 20.19 or later is needed: https://nodejs.org",
  };
}

async function checkProcessor(): Promise<MachineCheck> {
  const { availableThreads } = await import("../engine/devices/cpu.node.ts");
  const [all, usable] = [cpus().length, availableThreads()];
  const model = cpus()[0]?.model.trim() || "unknown processor";
  const limit = usable < all ? ` of ${all} (affinity or container limit)` : "";
  return {
    name: "Processor",
    state: "ok",
    found: `${model}, ${usable} usable thread${usable === 1 ? "" : "s"}${limit}`,
  };
}

async function checkMemory(): Promise<MachineCheck> {
  const { memoryLimitBytes } = await import("../engine/devices/cpu.node.ts");
  const limit = memoryLimitBytes();
  const found = `${formatBytes(limit)}${limit < totalmem() ? ` of ${formatBytes(totalmem())} (container limit)` : ""}`;
  return { name: "Memory", state: "ok", found };
}

/** One check a device: an engine is really started on it, and measured. */
function deviceChecks(): (() => Promise<MachineCheck>)[] {
  return DEVICES.filter((device) => device !== "auto").map((device) => async () => {
    const name = `Device ${device}`;
    const { checkDevice } = await import("../engine/devices/device-check.node.ts");
    const finding = await checkDevice(device);
    if ("gflops" in finding) {
      const found = `${finding.description}, ${Math.round(finding.gflops)} GFLOP/s in a matrix product`;
      return { name, state: "ok", found };
    }
    const { problem, hint } = finding;
    if (device === "cpu") return { name, state: "missing", found: problem, remedy: REINSTALL };
    return { name, state: "absent", found: problem, ...(hint ? { remedy: hint } : {}) };
  });
}

/** What `auto` takes, tried anew, which later runs then believe. */
async function checkAuto(): Promise<MachineCheck> {
  const { resolveAuto } = await import("../engine/devices/auto.node.ts");
  const { device, reason } = await resolveAuto({ threads: 0, fresh: true });
  return { name: "Device auto", state: "ok", found: `is ${device} (${reason})` };
}

/** Training steps on oneDNN: optional, and much faster where the processor has the instructions. */
async function checkBfloat16(): Promise<MachineCheck> {
  const name = "bfloat16";
  const { checkBfloat16: look } = await import("../engine/devices/device-check.node.ts");
  const finding = await look();
  if ("library" in finding)
    return {
      ...{ name, state: "ok" },
      found: `${finding.library} can train in it: ${setting("engine.precision", "bfloat16")} (docs/performance.md)`,
    };
  const { problem, hint } = finding;
  return { name, state: "absent", found: problem, ...(hint && { remedy: hint }) };
}

async function checkSharp(): Promise<MachineCheck> {
  try {
    const { default: sharp } = await import("sharp");
    const formats = Object.entries(sharp.format)
      .filter(([, format]) => format.input.file)
      .map(([name]) => name);
    return { name: "Images", state: "ok", found: `sharp ${sharp.versions.sharp}: ${formats.join(", ")}` };
  } catch (error) {
    return { name: "Images", state: "missing", found: firstLineOf(error), remedy: REINSTALL };
  }
}

async function checkBuiltIn(): Promise<MachineCheck> {
  const name = "Built-in data";
  try {
    const { resolveSource } = await import("../data/index.node.ts");
    const { definition, location } = resolveSource(null);
    const listing = await definition.list({ location, split: "all" });
    await listing.close();
    return { name, state: "ok", found: `${definition.description} (${listing.paths.length} usable)` };
  } catch (error) {
    return { name, state: "absent", found: firstLineOf(error), remedy: REINSTALL };
  }
}

/** Which network's features metrics compare where none is named. */
async function checkFeatures(): Promise<MachineCheck> {
  const { defaultFeatures } = await import("../metrics/features/registry.node.ts");
  const { BUILT_IN_FEATURES } = await import("../metrics/features/feature-network.ts");
  const name = "Features";
  const standard = await defaultFeatures();
  if (standard !== BUILT_IN_FEATURES)
    return { name, state: "ok", found: `${standard} is the default (it has been added)` };
  const found = `${standard} is the default (built in); its numbers compare only with its own`;
  return {
    ...{ name, state: "ok", found },
    remedy: `To compare with published ones: quarterturn features add inception ${option("from", "FILE")}`,
  };
}

/** Where packed images are kept: can it be written to, and how much is there already? */
async function checkCache(): Promise<MachineCheck> {
  const name = "Data cache";
  const { defaultCacheFolder } = await import("../data/index.node.ts");
  const folder = defaultCacheFolder();
  const remedy = "Set QUARTERTURN_CACHE to a folder that can be written to.";
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const sizes = await Promise.all(
      entries
        .filter((entry) => entry.isFile())
        .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
    );
    const { bavail, bsize } = await statfs(folder);
    const used = formatBytes(sizes.reduce((sum, size) => sum + size, 0));
    return {
      name,
      state: "ok",
      found: `${folder}: ${used} used, ${formatBytes(bavail * bsize)} free on the disk`,
    };
  } catch (error) {
    return { name, state: "missing", found: `${folder}: ${firstLineOf(error)}`, remedy };
  }
}
