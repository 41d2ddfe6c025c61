/**
 * Which device runs: from the name a user gave and from what this build of ONNX Runtime offers on
 * this platform. Pure, so that every platform can be tested on any.
 */

import { UserError, unknownName } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { DEVICES, type Device } from "../engine.ts";

/** A real device, after `auto` was resolved. */
export type RealDevice = Exclude<Device, "auto">;

/** A device nobody named, and why it was chosen. */
export interface DeviceChoice {
  readonly device: RealDevice;
  readonly reason: string;
}

/** What `--device` offers on one machine. */
export interface Offer {
  /** Names of execution providers compiled into the runtime. */
  readonly providers: readonly string[];
  /** For example `linux/x64`; `browser` in a page. */
  readonly platform: string;
}

/**
 * What else graphics devices are called, and which of the names here that can mean, the likeliest
 * first.
 */
const OTHER_NAMES: readonly { readonly names: readonly string[]; readonly mean: readonly Device[] }[] = [
  { names: ["gpu", "graphics"], mean: ["cuda", "webgpu", "coreml", "dml"] },
  { names: ["nvidia", "cudnn", "tensorrt"], mean: ["cuda", "webgpu"] },
  { names: ["mps", "metal", "apple", "ane"], mean: ["coreml", "webgpu"] },
  { names: ["directml", "directx", "dx"], mean: ["dml", "webgpu"] },
  { names: ["vulkan", "amd", "rocm", "hip", "intel", "xpu", "opencl", "wgpu"], mean: ["webgpu"] },
];

/** Where each of them is. */
const WHERE: Readonly<Partial<Record<Device, string>>> = {
  cuda: "NVIDIA, on Linux",
  webgpu: "any graphics card",
  coreml: "macOS",
  dml: "Windows",
};

/**
 * What a word for a device that is none here may mean: `gpu`, `cuda:0`, `mps`.
 * @returns a question for a hint; undefined for any other word
 */
export function otherDevice(name: string): string | undefined {
  const word = name.toLowerCase().replace(/[:\s_-]*\d+$/, "");
  const plain = DEVICES.find((known) => known === word);
  const meant = plain ? [plain] : OTHER_NAMES.find(({ names }) => names.includes(word))?.mean;
  if (!meant) return undefined;
  const told = meant.map((device) => `"${device}"${WHERE[device] && !plain ? ` (${WHERE[device]})` : ""}`);
  const last = told.pop()!;
  return `Did you mean ${told.length > 0 ? `${told.join(", ")} or ${last}` : last}? "auto" tries what there is.`;
}

/**
 * A device that exists, from a user's word.
 * @throws UserError for an unknown name, with the nearest one
 */
export function parseDevice(name: string): Device {
  const device = DEVICES.find((known) => known === name);
  if (device) return device;
  const other = otherDevice(name);
  if (other === undefined) throw unknownName("device", name, DEVICES);
  throw new UserError(`Unknown device "${name}".`, `${other} Known: ${DEVICES.join(", ")}.`);
}

/**
 * A device somebody named.
 * @throws UserError when this build has no provider for it
 */
export function requireDevice(device: RealDevice, offer: Offer): RealDevice {
  if (device !== "cpu" && !offer.providers.includes(device)) throw unavailable(device, offer);
  return device;
}

/** Devices beside the CPU that `auto` may try, the likeliest first. */
export function candidates(offer: Offer): RealDevice[] {
  const likely: readonly RealDevice[] = ["cuda", "coreml", "dml", "webgpu"];
  return likely.filter((device) => offer.providers.includes(device));
}

/**
 * The error for a device that cannot be used, `detail` being what ONNX Runtime said when it tried.
 */
export function unavailable(device: RealDevice, offer: Offer, detail?: string): UserError {
  const offered = DEVICES.filter((known) => known === "cpu" || offer.providers.includes(known));
  if (offer.platform === "browser")
    return new UserError(
      `Device "${device}" cannot be used in this browser; there could be ${offered.join(" and ")}.${detail ? ` ${detail}` : ""}`,
      device === "webgpu" ? `Use the device cpu. ${BROWSER_REMEDY}` : "Use one of those.",
    );
  const because = detail ? ` ONNX Runtime says: ${shorten(detail)}` : "";
  return new UserError(
    `Device "${device}" cannot be used on this machine (${offer.platform}); onnxruntime-node offers ${offered.join(", ")} here.${because}`,
    `Use ${option("device", "cpu")}. ${remedy(device, offer)}`,
  );
}

const BROWSER_REMEDY =
  "WebGPU needs a browser that has it, a page from https or localhost, and a graphics driver the browser trusts (chrome://gpu says why not).";

function remedy(device: RealDevice, offer: Offer): string {
  const system = offer.platform.split("/")[0];
  switch (device) {
    case "cuda":
      return offer.platform === "linux/x64"
        ? "Or, with an NVIDIA driver, CUDA 12 and cuDNN 9 installed, fetch the CUDA provider once: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node --ignore-scripts=false"
        : `CUDA is available on linux/x64 only; ${option("device", "webgpu")} uses any GPU.`;
    case "webgpu":
      if (!offer.providers.includes("webgpu"))
        return "onnxruntime-node has no WebGPU for this platform; browsers may (the playground).";
      return system === "linux"
        ? "WebGPU needs Vulkan: its loader and the driver of the graphics card (Debian, Ubuntu: apt install libvulkan1 mesa-vulkan-drivers; NVIDIA's driver brings its own), and the right to use /dev/dri (the group render)."
        : "WebGPU needs a graphics driver: on Windows DirectX 12, on macOS Metal.";
    case "coreml":
      return system === "darwin"
        ? "CoreML comes with onnxruntime-node; install the packages again with npm ci."
        : "CoreML is available on macOS only.";
    case "dml":
      return system === "win32"
        ? "DirectML needs DirectX 12 and a current graphics driver."
        : "DirectML is available on Windows only.";
    case "cpu":
      return "Install the packages again with npm ci.";
  }
}

/** The first line, without the source location ONNX Runtime puts in front. */
function shorten(detail: string): string {
  const line = detail.trim().split("\n")[0] ?? "";
  return line.replace(/^.*was false\. /, "").replace(/^\/\S+:\d+ /, "");
}
