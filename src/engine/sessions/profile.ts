/**
 * What ONNX Runtime's profiler recorded, summed by operator type and by node: where a step's time
 * goes. The profile is a list of trace events; the kernels of a run come before the `model_run`
 * event that encloses them.
 */
import { percent } from "../../base/text/format/index.ts";

/** One trace event of the profile (the fields that are used). */
export interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Duration in microseconds. */
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly provider?: string;
    readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

/** Time of one operator type or one node. */
export interface ProfileRow {
  readonly opType: string;
  /** The node's name; empty in rows by operator type. */
  readonly name: string;
  /**
   * Input shapes and output shapes, as in `4x3x8x8,8x3x3x3 -> 4x8x8x8`; empty in rows by operator
   * type.
   */
  readonly shapes: string;
  /** Calls in all counted runs. */
  readonly calls: number;
  /** Total microseconds in all counted runs. */
  readonly microseconds: number;
  /** Part of all kernel time, 0 to 1. */
  readonly share: number;
  /**
   * Arithmetic speed of convolutions and two-dimensional matrix products, counting a multiply-add
   * as 2.
   */
  readonly gflops: number | undefined;
}

export interface ProfileSummary {
  /** Counted runs. */
  readonly runs: number;
  /** Mean microseconds of a run, everything included. */
  readonly runMicroseconds: number;
  /** Mean microseconds of a run spent inside kernels. */
  readonly kernelMicroseconds: number;
  /** The slowest first. */
  readonly byOperator: readonly ProfileRow[];
  /** The slowest first. */
  readonly byNode: readonly ProfileRow[];
}

interface Sum {
  opType: string;
  name: string;
  shapes: string;
  calls: number;
  microseconds: number;
  flop: number;
}

/**
 * Sum up `events`, leaving out the first `skipRuns` runs, in which ONNX Runtime still allocates.
 */
export function summarizeEvents(events: readonly ProfileEvent[], skipRuns = 1): ProfileSummary {
  const byOperator = new Map<string, Sum>();
  const byNode = new Map<string, Sum>();
  let pending: ProfileEvent[] = [];
  let seen = 0;
  let runTime = 0;
  for (const event of events) {
    if (event.cat === "Node" && event.name.endsWith("_kernel_time")) pending.push(event);
    if (event.name !== "model_run") continue;
    if (seen++ >= skipRuns) {
      runTime += event.dur;
      for (const kernel of pending) {
        const opType = kernel.args?.op_name ?? "?";
        const name = kernel.name.slice(0, -"_kernel_time".length);
        add(byOperator, opType, { opType, name: "", shapes: "" }, kernel);
        add(byNode, name, { opType, name, shapes: shapesOf(kernel) }, kernel);
      }
    }
    pending = [];
  }
  const runs = Math.max(0, seen - skipRuns);
  const kernelTime = [...byOperator.values()].reduce((total, sum) => total + sum.microseconds, 0);
  return {
    runs,
    runMicroseconds: runs > 0 ? runTime / runs : 0,
    kernelMicroseconds: runs > 0 ? kernelTime / runs : 0,
    byOperator: rows(byOperator, kernelTime),
    byNode: rows(byNode, kernelTime),
  };
}

/** A table for people: operators, then the `nodes` slowest nodes, per run. */
export function formatProfile(summary: ProfileSummary, nodes = 25): string {
  const ms = (microseconds: number): string => (microseconds / 1000).toFixed(2).padStart(9);
  const line = (row: ProfileRow): string =>
    [
      ms(row.microseconds / Math.max(1, summary.runs)),
      percent(row.share, 0.001).padStart(7),
      String(row.calls / Math.max(1, summary.runs)).padStart(5),
      (row.gflops === undefined ? "" : row.gflops.toFixed(0)).padStart(5),
      ` ${row.opType}`.padEnd(22),
      [row.name, row.shapes].filter(Boolean).join("  "),
    ]
      .join(" ")
      .trimEnd();
  return [
    `${summary.runs} runs, ${(summary.runMicroseconds / 1000).toFixed(2)} ms each, ${(summary.kernelMicroseconds / 1000).toFixed(2)} ms in kernels`,
    " ms a run   share calls GF/s  operator",
    ...summary.byOperator.map(line),
    "",
    ...summary.byNode.slice(0, nodes).map(line),
  ].join("\n");
}

function add(
  sums: Map<string, Sum>,
  key: string,
  head: Pick<Sum, "opType" | "name" | "shapes">,
  kernel: ProfileEvent,
): void {
  const sum = sums.get(key) ?? { ...head, calls: 0, microseconds: 0, flop: 0 };
  sum.calls += 1;
  sum.microseconds += kernel.dur;
  sum.flop += flopOf(kernel);
  sums.set(key, sum);
}

function rows(sums: ReadonlyMap<string, Sum>, total: number): ProfileRow[] {
  return [...sums.values()]
    .sort((a, b) => b.microseconds - a.microseconds)
    .map(({ flop, ...row }) => ({
      ...row,
      share: total > 0 ? row.microseconds / total : 0,
      gflops: flop > 0 && row.microseconds > 0 ? flop / row.microseconds / 1000 : undefined,
    }));
}

type Shapes = readonly Readonly<Record<string, readonly number[]>>[] | undefined;

const plain = (shapes: Shapes): (readonly number[])[] =>
  (shapes ?? []).map((entry) => Object.values(entry)[0] ?? []);

const shapesOf = ({ args }: ProfileEvent): string =>
  `${plain(args?.input_type_shape)
    .map((s) => s.join("x"))
    .join(",")} -> ${plain(args?.output_type_shape)
    .map((s) => s.join("x"))
    .join(",")}`;

const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

/** Floating-point operations of a kernel; 0 for operators that are not counted. */
function flopOf({ args }: ProfileEvent): number {
  const [a, b] = plain(args?.input_type_shape);
  const [out] = plain(args?.output_type_shape);
  if (!a || !b || !out) return 0;
  // A kernel is [O, I, …] for Conv and [I, O, …] for ConvTranspose; one output (input) element takes all but its first axis.
  if (/^(Fused)?Conv$/.test(args?.op_name ?? "")) return 2 * product(out) * product(b.slice(1));
  if (args?.op_name === "ConvTranspose") return 2 * product(a) * product(b.slice(1));
  // (M·K)(K·N)/(M·N) = K², whichever side is transposed.
  if (/MatMul$|^Gemm$/.test(args?.op_name ?? "") && a.length === 2 && b.length === 2 && out.length === 2)
    return 2 * product(out) * Math.sqrt((product(a) * product(b)) / product(out));
  return 0;
}
