/**
 * Collects ONNX nodes while a graph is lowered. Lowerings ask it for operators and constants and
 * get value names back; equal constants are written once.
 */
import type { DType } from "../dtype.ts";
import type { Provider } from "../provider.ts";
import type { OnnxAttribute, OnnxInitializer, OnnxNode } from "./model.ts";

/** Plain attribute values: a number is an integer unless wrapped by `float`. */
export type PlainAttributes = Readonly<Record<string, number | string | readonly number[] | OnnxAttribute>>;

/** Domain of ONNX Runtime's contributed operators (FusedMatMul, …). */
export const CONTRIB_DOMAIN = "com.microsoft";
/** Domain of ONNX Runtime's blocked-layout operators. */
export const BLOCKED_DOMAIN = "com.microsoft.nchwc";

/** A float attribute (plain numbers are integers). */
export const float = (value: number): OnnxAttribute => ({ float: value });

/** Where lowerings write to. */
export class Emitter {
  readonly provider: Provider;
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];
  readonly domains: Record<string, number> = {};
  readonly #constants = new Map<string, string>();
  readonly #taken = new Set<string>();
  #counter = 0;
  /** Prefix of the names of nodes, so that a profile can be read. */
  label = "";

  constructor(provider: Provider) {
    this.provider = provider;
  }

  /** Write an operator with one output of the default domain; returns the output's name. */
  op(type: string, inputs: readonly string[], attributes: PlainAttributes = {}): string {
    return this.operator("", type, inputs, attributes);
  }

  /** Write an operator of any domain; returns the name of its (first) output. */
  operator(
    domain: string,
    type: string,
    inputs: readonly string[],
    attributes: PlainAttributes = {},
  ): string {
    const output = `v${++this.#counter}`;
    if (domain) this.domains[domain] = 1;
    const converted = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, convert(value)]),
    );
    const name = `${this.label}/${type}_${this.#counter}`;
    this.nodes.push({ type, domain, name, inputs, outputs: [output], attributes: converted });
    return output;
  }

  /**
   * Give values public names. An operator that makes a value simply gets the name; a second name,
   * or one for an input, is a copy.
   */
  publish(values: readonly (readonly [value: string, name: string])[]): void {
    const made = new Set(this.nodes.flatMap((node) => node.outputs));
    const renamed = new Map<string, string>();
    const copies: OnnxNode[] = [];
    for (const [value, name] of values) {
      if (made.has(value) && !renamed.has(value)) renamed.set(value, name);
      else
        copies.push({
          type: "Identity",
          domain: "",
          name: `${name}/Identity`,
          inputs: [value],
          outputs: [name],
          attributes: {},
        });
    }
    const rename = (names: readonly string[]): string[] => names.map((n) => renamed.get(n) ?? n);
    for (const [i, node] of this.nodes.entries())
      this.nodes[i] = { ...node, inputs: rename(node.inputs), outputs: rename(node.outputs) };
    this.nodes.push(...copies.map((node) => ({ ...node, inputs: rename(node.inputs) })));
  }

  /** An int64 vector, the form in which ONNX takes shapes, axes and pads. */
  ints(values: readonly number[]): string {
    return this.constant("int64", [values.length], BigInt64Array.from(values, BigInt));
  }

  /** A float32 scalar. */
  scalar(value: number): string {
    return this.constant("float32", [], Float32Array.of(value));
  }

  /**
   * A constant; small equal ones share one initializer. `label` is its name if nothing else has it.
   */
  constant(dtype: DType, shape: readonly number[], data: OnnxInitializer["data"], label?: string): string {
    const key =
      data.length <= 64
        ? `${label ?? ""}|${dtype}|${shape.join()}|${[...data].map((v) => (Object.is(v, -0) ? "-0" : String(v))).join()}`
        : undefined;
    const known = key && this.#constants.get(key);
    if (known) return known;
    const number = ++this.#counter;
    const name = label === undefined ? `c${number}` : this.#taken.has(label) ? `${label}_${number}` : label;
    this.#taken.add(name);
    this.initializers.push({ name, dtype, shape, data });
    if (key) this.#constants.set(key, name);
    return name;
  }
}

function convert(value: PlainAttributes[string]): OnnxAttribute {
  if (typeof value === "number") return { int: value };
  if (typeof value === "string") return { string: value };
  if (Array.isArray(value)) return { ints: value as readonly number[] };
  return value as OnnxAttribute;
}
