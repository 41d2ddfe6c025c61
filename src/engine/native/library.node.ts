/**
 * oneDNN as a library of the system, called through koffi: versions 2.6 and later of 2.x, and 3.x.
 * Handles are addresses, which fit a number.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { firstLineOf, UserError } from "../../base/errors.ts";
import { type Calls, functionsOf, H, type NativeFunction, P, requireSuccess } from "./calls.ts";
import { callsOf2 } from "./calls-2.node.ts";
import { callsOf3 } from "./calls-3.node.ts";
import { QUERY } from "./vocabulary.ts";

/** A loaded library: functions by their names without `dnnl_`. */
export interface Library {
  /** For example `oneDNN 3.7.2`. */
  readonly name: string;
  /** Instruction sets it uses, `dnnl_cpu_isa_t`. */
  readonly isa: number;
  /**
   * Call a function that gives a status.
   * @throws Error with the function's name and the status's when it is not success
   */
  call(name: keyof typeof SIGNATURES, ...parameters: readonly unknown[]): void;
  /** The function itself, for calls that must be fast; it gives the status. */
  readonly functions: Readonly<Record<keyof typeof SIGNATURES, NativeFunction>>;
  /** Open what differs between versions; to be closed by whoever opened it. */
  openCalls(): Calls;
  /** Name of the implementation that a primitive descriptor chose. */
  implementationOf(primitiveDescriptor: number): string;
  /**
   * Memory outside the heap of JavaScript, on a border of 64 bytes.
   * @throws Error when there is none
   */
  allocate(bytes: number): number;
  free(address: number): void;
  /** The bytes at an address. Not to be touched after `free`. */
  view(address: number, bytes: number): ArrayBuffer;
  /** How many threads primitives called from this thread use. */
  setThreads(count: number): void;
}

/**
 * Where packages put libraries: some call theirs by more of its version, as Debian does
 * (libdnnl.so.3.6).
 */
const FOLDERS = [
  ...[`/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`, "/usr/lib64", "/usr/lib"],
  ...["/usr/local/lib", "/opt/homebrew/lib"],
];
const VERSIONED = /^libdnnl(\.so\.[23]\.[\d.]+|\.[23]\.[\d.]+\.dylib)$/;

/** Parameters of the functions used; each gives a `dnnl_status_t`. */
const SIGNATURES = {
  engine_create: [P, "int", H],
  engine_destroy: [H],
  stream_create: [P, H, "uint"],
  stream_destroy: [H],
  memory_destroy: [H],
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
  stream_wait: [H],
  sgemm: ["int8", "int8", "int64", "int64", "int64", "float", H, "int64", H, "int64", "float", H, "int64"],
} as const satisfies Record<string, readonly string[]>;

/** What to install. */
export const INSTALL_HINT =
  "Install oneDNN 2.6 or later: Debian 13 has it as libdnnl3.6, Debian 12 and Ubuntu 22.04 as libdnnl2 (apt install libdnnl2), Homebrew and conda-forge as onednn. A library elsewhere is named by QUARTERTURN_ONEDNN=/path/to/libdnnl.so.3";

/**
 * Load the library of this system.
 * @throws UserError when there is none, or it is too old or too new
 */
export async function loadLibrary(): Promise<Library> {
  const koffi = await loadKoffi();
  // biome-ignore lint/complexity/useLiteralKeys: an index signature
  const named = process.env["QUARTERTURN_ONEDNN"];
  const failures: string[] = [];
  for (const file of named ? [named] : libraryCandidates(filesOf(FOLDERS))) {
    try {
      return open(koffi, koffi.load(file));
    } catch (error) {
      if (error instanceof UserError) throw error;
      failures.push(`${file}: ${firstLineOf(error)}`);
    }
  }
  throw new UserError(`oneDNN cannot be loaded here: ${failures[0]!.replace(/\.$/, "")}.`, INSTALL_HINT);
}

/**
 * Where the library may be, newest version first: names that the system resolves, and files that
 * carry more of their version.
 * @param files names of the files in folders of libraries, with their paths
 */
export function libraryCandidates(
  files: readonly { readonly name: string; readonly file: string }[],
): string[] {
  const { compare } = new Intl.Collator("en", { numeric: true });
  const versioned = files.filter(({ name }) => VERSIONED.test(name)).sort((a, b) => compare(b.name, a.name));
  return [
    ...["libdnnl.so.3", "libdnnl.3.dylib"],
    ...versioned.map(({ file }) => file),
    ...["libdnnl.so.2", "libdnnl.2.dylib"],
  ];
}

/** All files of these folders; none of those that are not there. */
const filesOf = (folders: readonly string[]) =>
  folders.flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).map((name) => ({ name, file: join(folder, name) })) : [],
  );

type Koffi = typeof import("koffi");

/**
 * koffi is a native module: where its binary for this platform is missing, there is no native
 * engine.
 */
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
  if ((major !== 3 && major !== 2) || (major === 2 && minor < 6))
    throw new UserError(`${name} is installed, but its interface is not known here.`, INSTALL_HINT);

  const functions = functionsOf({ func: plain }, SIGNATURES);
  const c = koffi.load(process.platform === "darwin" ? "libSystem.B.dylib" : "libc.so.6");
  const alignedAlloc = c.func("aligned_alloc", H, [H, H]);
  const free = c.func("free", "void", [H]);
  const view = (address: number, bytes: number): ArrayBuffer => koffi.view(BigInt(address), bytes);
  return {
    name,
    isa: Number(plain("get_effective_cpu_isa", "int", [])()),
    functions,
    call(key, ...parameters) {
      requireSuccess(functions[key](...parameters), key);
    },
    openCalls: () => (major === 3 ? callsOf3 : callsOf2)({ func: plain, view }),
    implementationOf(primitiveDescriptor) {
      const place = new BigUint64Array(1);
      functions.primitive_desc_query(primitiveDescriptor, QUERY.implementation, 0, place);
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

/**
 * The OpenMP that oneDNN computes with is loaded already; its number of threads belongs to the
 * thread that calls.
 */
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
