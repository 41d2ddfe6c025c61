/** What a browser says of its GPU. */
import { unavailable } from "../devices/devices.ts";

/** What is used of a WebGPU adapter. */
interface Adapter {
  readonly info?: { readonly isFallbackAdapter?: boolean; readonly architecture?: string };
}

interface Gpu {
  requestAdapter(): Promise<Adapter | null>;
}

const gpuOf = (): Gpu | undefined => (navigator as { readonly gpu?: Gpu }).gpu;

/**
 * The adapter of a real GPU: not of a driver in software, which computes on the CPU and is slower
 * than WebAssembly there.
 */
export async function findGpu(): Promise<Adapter | undefined> {
  const adapter = await gpuOf()?.requestAdapter();
  const software = adapter?.info?.isFallbackAdapter || adapter?.info?.architecture === "swiftshader";
  return adapter && !software ? adapter : undefined;
}

/**
 * Refuse to compute by WebGPU where it cannot be done.
 * @throws UserError where there is no WebGPU, or no adapter for it
 */
export async function requireAdapter(): Promise<void> {
  const offer = { providers: ["cpu", "webgpu"], platform: "browser" };
  const gpu = gpuOf();
  if (!gpu) throw unavailable("webgpu", offer, "This page has no navigator.gpu.");
  if (!(await gpu.requestAdapter())) throw unavailable("webgpu", offer, "The browser found no GPU adapter.");
}
