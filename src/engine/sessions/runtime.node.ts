/**
 * onnxruntime-node made ready: the device chosen and tried, the session options fixed, an empty
 * session store. Used by the worker thread and by the inline engine alike.
 */

import { dirname } from "node:path";
import type { InferenceSession } from "onnxruntime-common";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { NATIVE_TARGET, STANDARD_TARGET, type Target, WEBGPU_TARGET } from "../../graph/index.ts";
import { isBlocked } from "../../graph/onnx/domains.ts";
import { toOnnx } from "../../graph/onnx/program.ts";
import type { Program } from "../../graph/program.ts";
import { availableThreads } from "../devices/cpu.node.ts";
import { detectBlock } from "../devices/detect-blocked-layout.ts";
import { type Offer, type RealDevice, requireDevice, unavailable } from "../devices/devices.ts";
import type { EngineOptions } from "../engine.ts";
import { loadOnnxRuntime, type OnnxRuntime } from "../onnxruntime.node.ts";
import type { EngineInfo, RuntimeHandle } from "../rpc/messages.ts";
import { resolvePrecision } from "./precision.ts";
import type { Runtime } from "./runtime.ts";
import { createSessionStore, type SessionOptionsFor } from "./sessions.ts";
import { deviceMemory, hostMemory } from "./state.ts";

/**
 * An ONNX model of one Identity over float32 [1], to try a provider with (made by testing/onnx.ts,
 * see the test). A provider that is compiled in can still fail: no driver, no GPU, libraries not
 * fetched.
 */
export const PROBE_MODEL_BASE64 =
  "CAg6XgooCgZmZWVkOngSCHJlc3VsdDp5GgpJZGVudGl0eV8wIghJZGVudGl0eRIEdGVzdFoUCgZmZWVkOngSCgoICAESBAoCCAFiFgoIcmVzdWx0OnkSCgoICAESBAoCCAFCBAoAEBE=";

/** Options with a real device, and why it was chosen where nobody named it. */
export interface NodeRuntimeOptions extends EngineOptions {
  readonly device: RealDevice;
  readonly reason?: string | undefined;
}

/** What graphs are compiled for on a device; on the CPU it depends on the machine. */
const TARGETS: Readonly<Record<Exclude<RealDevice, "cpu">, Target>> = {
  webgpu: WEBGPU_TARGET,
  cuda: STANDARD_TARGET,
  coreml: STANDARD_TARGET,
  dml: STANDARD_TARGET,
};

/** What onnxruntime-node offers here. */
export const nodeOffer = (ort: OnnxRuntime): Offer => ({
  providers: ort.listSupportedBackends().map((backend) => backend.name),
  platform: `${process.platform}/${process.arch}`,
});

/**
 * Load onnxruntime-node and open a store on the device of `options`.
 * @throws UserError when the device cannot be used
 */
export async function openRuntime(options: NodeRuntimeOptions): Promise<RuntimeHandle> {
  const ort = await loadOnnxRuntime();
  // Whatever goes wrong is thrown as an error with the same text; printing it as well would tear the status line apart.
  ort.env.logLevel = "fatal";
  const offer = nodeOffer(ort);
  const { reason } = options;
  const device = requireDevice(options.device, offer);
  const threads = options.threads > 0 ? Math.floor(options.threads) : availableThreads();
  const optionsFor = (name: string, model?: Uint8Array) =>
    sessionOptions(options, device, threads, name, model);
  if (options.profile) await makeFolder(dirname(options.profile));
  if (device !== "cpu") await probe(ort, device, offer);

  const parts = [
    reason ? `${device} (${reason})` : device,
    threads === 1 ? "1 thread" : `${threads} threads`,
    `ONNX Runtime ${ort.env.versions.node ?? ort.env.versions.common}`,
  ];
  const target: Target =
    device === "cpu"
      ? { provider: "cpu", block: await detectBlock((p, f) => runOnce(ort, p, f)) }
      : TARGETS[device];
  const layout = target.block > 0 ? `blocks of ${target.block}` : "plain layout";
  const arithmetic = [device, ...parts.slice(1), layout].join(", ");
  // Profiles are one a program, so programs stay apart. Other providers' memory is their own, and not all of them know `If`.
  const joins = device === "cpu" && !options.profile;
  const info: EngineInfo = { device, threads, arithmetic, description: parts.join(", "), target, joins };
  if (resolvePrecision(options.precision) === "bfloat16") return openBfloat16(ort, options, info, optionsFor);
  const memory = device === "webgpu" ? deviceMemory(ort, optionsFor("state")) : hostMemory(ort, true);
  return { store: createSessionStore(ort, optionsFor, memory), info };
}

/** Training steps on oneDNN, everything else in the same ONNX Runtime as without it. */
async function openBfloat16(
  ort: OnnxRuntime,
  { profile }: NodeRuntimeOptions,
  info: EngineInfo,
  optionsFor: SessionOptionsFor,
): Promise<RuntimeHandle> {
  if (info.device !== "cpu")
    throw new UserError(
      `bfloat16 is computed by the processor, not by ${info.device}.`,
      `Use ${option("device", "cpu")}, or engine.precision=float32.`,
    );
  const { openNative } = await import("../native/open.node.ts");
  const { createNativeState } = await import("../native/state.node.ts");
  const { createNativeStore } = await import("../native/store.node.ts");
  const { dnnl, library } = await openNative(info.threads);
  const state = createNativeState(ort, library);
  const sessions = createSessionStore(ort, optionsFor, state.memory);
  const added = `training in bfloat16 on ${library.name}`;
  return {
    store: createNativeStore({ dnnl, state, sessions, type: "bf16", profile }),
    info: {
      ...info,
      description: `${info.description}, ${added}`,
      arithmetic: `${info.arithmetic}, ${added} (instruction sets 0x${library.isa.toString(16)})`,
      target: { ...info.target, training: NATIVE_TARGET },
    },
  };
}

/** One run of a program with one result, in a session of its own. */
async function runOnce(
  ort: Runtime,
  program: Program,
  values: Readonly<Record<string, Float32Array>>,
): Promise<Float32Array> {
  const { model } = toOnnx(program);
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: 1,
    graphOptimizationLevel: rewritesFor(model),
    logSeverityLevel: 4,
  });
  try {
    const feeds = Object.fromEntries(
      program.feeds.map(({ name, shape }) => [
        `feed:${name}`,
        new ort.Tensor("float32", values[name]!, shape),
      ]),
    );
    const results = await session.run(feeds);
    return results[`result:${program.results[0]!.name}`]!.data as Float32Array;
  } finally {
    await session.release();
  }
}

async function probe(ort: Runtime, device: RealDevice, offer: Offer): Promise<void> {
  try {
    const model = Uint8Array.from(Buffer.from(PROBE_MODEL_BASE64, "base64"));
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [device],
      logSeverityLevel: 4,
    });
    await session.run({ "feed:x": new ort.Tensor("float32", new Float32Array([1]), [1]) });
    await session.release();
  } catch (error) {
    throw unavailable(device, offer, error instanceof Error ? error.message : String(error));
  }
}

/**
 * Graphs in the blocked layout come as they should be executed: ONNX Runtime's own rewrites found
 * nothing in them that makes a step faster, and take as long as all the rest of making a session.
 * In plain ones they join convolutions with what follows.
 */
const rewritesFor = (model: Uint8Array | undefined): "disabled" | "all" =>
  model && isBlocked(model) ? "disabled" : "all";

/**
 * Without the memory pattern peak memory halves at no cost in speed; sequential execution with one
 * inter-operator thread leaves all threads to the operator that runs, and keeps the order of sums,
 * so bits, the same.
 */
function sessionOptions(
  options: EngineOptions,
  device: RealDevice,
  threads: number,
  programName: string,
  model: Uint8Array | undefined,
): InferenceSession.SessionOptions {
  const { tuning = {}, profile } = options;
  return {
    executionProviders: [device],
    executionMode: "sequential",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableMemPattern: false,
    enableCpuMemArena: tuning.memoryArena ?? true,
    graphOptimizationLevel: tuning.graphOptimizationLevel ?? rewritesFor(model),
    logSeverityLevel: 4,
    // Each program has threads of its own. Those of the one that has just run would go on spinning and take the cores from the next:
    // a D and a G step in turn at width 32 took 315 ms with that and 259 ms without.
    extra: { "session.force_spinning_stop": "1", ...tuning.config },
    ...(profile
      ? { enableProfiling: true, profileFilePrefix: `${profile}-${programName.replace(/[^\w.-]+/g, "_")}` }
      : {}),
  };
}
