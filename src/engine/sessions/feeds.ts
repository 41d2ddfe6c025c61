/**
 * Checks at the border of a program: what a caller feeds is compared with what the program declares
 * before anything runs, so that a mistake names the feed and not a node deep inside the graph.
 */
import { DTYPES } from "../../graph/dtype.ts";
import type { Binding, Program } from "../../graph/program.ts";
import type { TensorData, TensorMap } from "../engine.ts";

/** Number of elements of a shape; 1 for the scalar shape []. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** `float32 [64, 3, 32, 32]`, for messages. */
export function describeBinding(binding: Binding): string {
  return `${binding.dtype} [${binding.shape.join(", ")}]`;
}

/**
 * Compare feeds with the declaration of `program`.
 * @throws Error naming the program and the feed: missing, unknown, of the wrong type or of the
 * wrong length
 */
export function checkFeeds(program: Program, feeds: TensorMap): void {
  const mistake = (message: string) => new Error(`Program "${program.name}": ${message}`);
  const given = Object.keys(feeds);
  for (const binding of program.feeds) {
    const data = feeds[binding.name];
    if (data === undefined)
      throw mistake(
        `feed "${binding.name}" (${describeBinding(binding)}) is missing; given: ${given.join(", ") || "none"}.`,
      );
    const { array } = DTYPES[binding.dtype];
    if (!(data instanceof array))
      throw mistake(
        `feed "${binding.name}" is ${binding.dtype} and takes a ${array.name}, not a ${data.constructor.name}.`,
      );
    const expected = elementCount(binding.shape);
    if (data.length !== expected)
      throw mistake(
        `feed "${binding.name}" is ${describeBinding(binding)}, ${expected} values, but ${data.length} were given.`,
      );
  }
  for (const name of given)
    if (!program.feeds.some((binding) => binding.name === name))
      throw mistake(
        `"${name}" is not one of its feeds (${program.feeds.map((b) => b.name).join(", ") || "none"}).`,
      );
}

/**
 * Check that every name of `alias` is state that `program` reads.
 * @throws Error for a name it does not read
 */
export function checkAlias(program: Program, alias: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(alias))
    if (!program.reads.some((binding) => binding.name === name))
      throw new Error(
        `Program "${program.name}": "${name}" is aliased but not read (reads: ${program.reads.map((b) => b.name).join(", ") || "none"}).`,
      );
}

/**
 * A private copy of a view's elements. Copying only the elements matters: structured clone of a
 * view into a large buffer would copy the whole buffer.
 */
export function copyOf<T extends TensorData>(data: T): T {
  const copy = new (data.constructor as new (length: number) => T)(data.length);
  if (copy instanceof BigInt64Array) copy.set(data as BigInt64Array);
  else copy.set(data as Float32Array | Uint8Array);
  return copy;
}

/** Private copies of all values. */
export function copyAll<T extends TensorData>(values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, data]) => [name, copyOf(data)]));
}

/** The buffers behind `values`, each once, as a transfer list. */
export function buffersOf(values: Readonly<Record<string, TensorData>>): ArrayBuffer[] {
  return [...new Set(Object.values(values).map((data) => data.buffer as ArrayBuffer))];
}
