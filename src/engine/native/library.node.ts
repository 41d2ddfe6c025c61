/**
 * oneDNN as a library of the system, called through koffi. Version 2.6 and later ones of 2.x are known; their structures are opaque here:
 * oneDNN fills them in, and only their sizes are known. Handles are addresses, which fit a number.
 */
import type { KoffiFunc } from "koffi";
import { UserError } from "../../base/errors.ts";

/** A function of the library. */
export type NativeFunction = KoffiFunc<(...parameters: readonly unknown[]) => unknown>;

/** A loaded library: functions by their names without `dnnl_`. */
export interface Library {
  /** For example `oneDNN 2.6.3`. */
  readonly name: string;
  /** Instruction sets it uses, `dnnl_cpu_isa_t`. */
  readonly isa: number;
  /** Call a function that gives a status. @throws Error with the function's name and the status's when it is not success */
  call(name: keyof typeof SIGNATURES, ...parameters: readonly unknown[]): void;
  /** The function itself, for calls that must be fast; it gives the status. */
  readonly functions: Readonly<Record<keyof typeof SIGNATURES, NativeFunction>>;
  /** Bytes that a memory descriptor takes. */
  bytesOf(descriptor: Uint8Array): number;
  /** A descriptor that a primitive descriptor has, copied; undefined where there is none. */
  queryDescriptor(primitiveDescriptor: number, what: number): Uint8Array | undefined;
  /** Name of the implementation that a primitive descriptor chose. */
  implementationOf(primitiveDescriptor: number): string;
  /** Memory outside the heap of JavaScript, on a border of 64 bytes. @throws Error when there is none */
  allocate(bytes: number): number;
  free(address: number): void;
  /** The bytes at an address. Not to be touched after `free`. */
  view(address: number, bytes: number): ArrayBuffer;
  /** How many threads primitives called from this thread use. */
  setThreads(count: number): void;
}

/** Where the system's packages put it, newest known version first. */
const NAMES = ["libdnnl.so.2", "libdnnl.2.dylib"];

/** Size of `dnnl_memory_desc_t` in 2.x. */
const DESCRIPTOR_BYTES = 696;

const H = "uint64";
const P = "void *";
/** Parameters of the functions used; each gives a `dnnl_status_t`. */
const SIGNATURES = {
  engine_create: [P, "int", H],
  engine_destroy: [H],
  stream_create: [P, H, "uint"],
  stream_destroy: [H],
  memory_desc_init_by_tag: [P, "int", P, "int", "int"],
  memory_desc_init_by_strides: [P, "int", P, "int", P],
  memory_create: [P, P, H, H],
  memory_destroy: [H],
  dilated_convolution_forward_desc_init: [P, "int", "int", P, P, P, P, P, P, P, P],
  dilated_convolution_backward_data_desc_init: [P, "int", P, P, P, P, P, P, P],
  dilated_convolution_backward_weights_desc_init: [P, "int", P, P, P, P, P, P, P, P],
  batch_normalization_forward_desc_init: [P, "int", P, "float", "uint"],
  batch_normalization_backward_desc_init: [P, "int", P, P, "float", "uint"],
  eltwise_forward_desc_init: [P, "int", "int", P, "float", "float"],
  eltwise_backward_desc_init: [P, "int", P, P, "float", "float"],
  binary_desc_init: [P, "int", P, P, P],
  pooling_v2_forward_desc_init: [P, "int", "int", P, P, P, P, P, P, P],
  pooling_v2_backward_desc_init: [P, "int", P, P, P, P, P, P, P],
  resampling_forward_desc_init: [P, "int", "int", P, P, P],
  resampling_backward_desc_init: [P, "int", P, P, P],
  matmul_desc_init: [P, P, P, P, P],
  reorder_primitive_desc_create: [P, P, H, P, H, H],
  primitive_desc_create: [P, P, H, H, H],
  primitive_desc_destroy: [H],
  primitive_desc_query: [H, "int", "int", P],
  primitive_create: [P, H],
  primitive_destroy: [H],
  primitive_execute: [H, H, "int", H],
  primitive_attr_create: [P],
  primitive_attr_destroy: [H],
  primitive_attr_set_post_ops: [H, H],
  primitive_attr_set_scratchpad_mode: [H, "int"],
  post_ops_create: [P],
  post_ops_destroy: [H],
  post_ops_append_eltwise: [H, "float", "int", "float", "float"],
  post_ops_append_binary: [H, "int", P],
  stream_wait: [H],
  sgemm: ["int8", "int8", "int64", "int64", "int64", "float", H, "int64", H, "int64", "float", H, "int64"],
} as const satisfies Record<string, readonly string[]>;

/** `dnnl_status_t`. */
const STATUS = [
  "success",
  "out of memory",
  "invalid arguments",
  "unimplemented",
  "iterator ends",
  "runtime error",
  "not required",
];

/** What to install. */
export const INSTALL_HINT =
  "Install oneDNN 2.6 or later of 2.x: Debian 12 and Ubuntu 22.04 have it as libdnnl2 (apt install libdnnl2). A library elsewhere is named by QUARTERTURN_ONEDNN=/path/to/libdnnl.so.2";

/**
 * Load the library of this system.
 * @throws UserError when there is none, or it is too old or too new
 */
export async function loadLibrary(): Promise<Library> {
  const koffi = await loadKoffi();
  // biome-ignore lint/complexity/useLiteralKeys: an index signature
  const named = process.env["QUARTERTURN_ONEDNN"];
  const failures: string[] = [];
  for (const file of named ? [named] : NAMES) {
    try {
      return open(koffi, koffi.load(file));
    } catch (error) {
      if (error instanceof UserError) throw error;
      failures.push(`${file}: ${error instanceof Error ? error.message.split("\n")[0]! : String(error)}`);
    }
  }
  throw new UserError(`oneDNN cannot be loaded here: ${failures[0]!.replace(/\.$/, "")}.`, INSTALL_HINT);
}

type Koffi = typeof import("koffi");

/** koffi is a native module: where its binary for this platform is missing, there is no native engine. */
async function loadKoffi(): Promise<Koffi> {
  try {
    return (await import("koffi")).default as unknown as Koffi;
  } catch (error) {
    throw new UserError(
      `Calling libraries of the system is not possible here: koffi cannot be loaded.`,
      "Install the packages again with npm ci, optional ones included.",
      { cause: error },
    );
  }
}

function open(koffi: Koffi, library: ReturnType<Koffi["load"]>): Library {
  const plain = (name: string, result: string, parameters: readonly string[]): NativeFunction =>
    library.func(`dnnl_${name}`, result, [...parameters]);
  const version = koffi.decode(plain("version", P, [])(), "int", 3) as ArrayLike<number>;
  const [major, minor, patch] = Array.from(version) as [number, number, number];
  const name = `oneDNN ${major}.${minor}.${patch}`;
  if (major !== 2 || minor < 6)
    throw new UserError(`${name} is installed, but its interface is not known here.`, INSTALL_HINT);

  const functions = Object.fromEntries(
    Object.entries(SIGNATURES).map(([key, parameters]) => [key, plain(key, "int", parameters)]),
  ) as Library["functions"];
  const size = plain("memory_desc_get_size", H, [P]);
  const queryMd = plain("primitive_desc_query_md", H, [H, "int", "int"]);
  const c = koffi.load(process.platform === "darwin" ? "libSystem.B.dylib" : "libc.so.6");
  const alignedAlloc = c.func("aligned_alloc", H, [H, H]);
  const free = c.func("free", "void", [H]);
  const view = (address: number, bytes: number): ArrayBuffer => koffi.view(BigInt(address), bytes);
  return {
    name,
    isa: Number(plain("get_effective_cpu_isa", "int", [])()),
    functions,
    call(key, ...parameters) {
      const status = functions[key](...parameters) as number;
      if (status !== 0) throw new Error(`oneDNN's ${key}: ${STATUS[status] ?? `status ${status}`}`);
    },
    bytesOf: (descriptor) => Number(size(descriptor)),
    queryDescriptor(primitiveDescriptor, what) {
      const address = Number(queryMd(primitiveDescriptor, what, 0));
      if (address === 0) return undefined;
      return new Uint8Array(view(address, DESCRIPTOR_BYTES)).slice();
    },
    implementationOf(primitiveDescriptor) {
      const place = new BigUint64Array(1);
      functions.primitive_desc_query(primitiveDescriptor, QUERY_IMPLEMENTATION, 0, place);
      return String(koffi.decode(place[0]!, "char", -1));
    },
    allocate(bytes) {
      const address = Number(alignedAlloc(64, Math.max(64, Math.ceil(bytes / 64) * 64)));
      if (address === 0) throw new Error(`There is no memory for ${bytes} bytes.`);
      return address;
    },
    free: (address) => void free(address),
    view,
    setThreads: threadSetter(koffi),
  };
}

const QUERY_IMPLEMENTATION = 8;

/** The OpenMP that oneDNN computes with is loaded already; its number of threads belongs to the thread that calls. */
function threadSetter(koffi: Koffi): (count: number) => void {
  for (const file of ["libgomp.so.1", "libomp.so.5", "libomp.dylib"]) {
    try {
      const set = koffi.load(file).func("omp_set_num_threads", "void", ["int"]);
      return (count) => void set(count);
    } catch {
      // Another OpenMP, perhaps.
    }
  }
  throw new UserError(
    "The number of threads of oneDNN cannot be set: its OpenMP was not found.",
    INSTALL_HINT,
  );
}

/** Whether the processor multiplies bfloat16 numbers by itself: AVX512_BF16 or AMX. */
export const hasBfloat16 = ({ isa }: Pick<Library, "isa">): boolean => (isa & ISA_BF16) === ISA_BF16;
/** `dnnl_cpu_isa_avx512_core_bf16`, whose bits later instruction sets have too. */
const ISA_BF16 = 0xe7;
