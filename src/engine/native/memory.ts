/**
 * Memory of a program before it has addresses: buffers that instructions write and read, and a plan
 * that lets buffers share memory whose lifetimes do not meet.
 */

/** Memory that a value will lie in. */
export interface Memory {
  readonly bytes: number;
  /** An address that it has from the beginning: state, constants. */
  readonly fixed?: number;
  /** A part of another buffer. May be set as long as no plan was made. */
  within?: { readonly buffer: Memory; readonly offset: number };
}

/** What an instruction reads and writes. */
export interface MemoryAccess {
  readonly reads: readonly Memory[];
  readonly writes: readonly Memory[];
  /** The first of `writes` may be made in the memory of this one, if nobody needs it any more. */
  readonly inPlace?: Memory | undefined;
}

/** Where every buffer lies. */
export interface MemoryPlan {
  /** Bytes of the region that all buffers without an address share. */
  readonly bytes: number;
  /** An address, given that of the region. */
  addressOf(buffer: Memory, region: number): number;
}

/** The buffer that memory is given to, and the distance of `buffer` from its beginning. */
export function rootOf(buffer: Memory): { readonly root: Memory; readonly offset: number } {
  let [root, offset] = [buffer, 0];
  for (; root.within; root = root.within.buffer) offset += root.within.offset;
  return { root, offset };
}

const ALIGNMENT = 64;
const aligned = (bytes: number): number => Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);

interface Span {
  readonly buffer: Memory;
  first: number;
  last: number;
}

/**
 * Give buffers places.
 * @param from what is there before the first instruction (feeds) @param to what is wanted after the
 * last one (results)
 */
export function planMemory(
  instructions: readonly MemoryAccess[],
  from: readonly Memory[],
  to: readonly Memory[],
): MemoryPlan {
  const spans = new Map<Memory, Span>();
  const touch = (buffer: Memory, at: number): void => {
    const { root } = rootOf(buffer);
    if (root.fixed !== undefined) return;
    const span = spans.get(root);
    if (!span) spans.set(root, { buffer: root, first: at, last: at });
    else span.last = Math.max(span.last, at);
  };
  for (const buffer of from) touch(buffer, -1);
  for (const [i, { reads, writes }] of instructions.entries())
    for (const buffer of [...reads, ...writes]) touch(buffer, i);
  for (const buffer of to) touch(buffer, instructions.length);
  joinInPlace(instructions, spans);

  // The largest first, each at the lowest place that is free for its whole life.
  const offsets = new Map<Memory, number>();
  const placed: { readonly span: Span; readonly start: number; readonly end: number }[] = [];
  let bytes = 0;
  for (const span of [...spans.values()].sort((a, b) => b.buffer.bytes - a.buffer.bytes)) {
    const size = aligned(span.buffer.bytes);
    let start = 0;
    for (const other of placed) {
      if (other.span.last < span.first || other.span.first > span.last) continue;
      if (start + size <= other.start) break;
      start = Math.max(start, other.end);
    }
    offsets.set(span.buffer, start);
    placed.push({ span, start, end: start + size });
    placed.sort((a, b) => a.start - b.start);
    bytes = Math.max(bytes, start + size);
  }
  return {
    bytes,
    addressOf(buffer, region) {
      const { root, offset } = rootOf(buffer);
      return (root.fixed ?? region + (offsets.get(root) ?? 0)) + offset;
    },
  };
}

/** Results that are made in the memory of an operand that ends there become parts of it. */
function joinInPlace(instructions: readonly MemoryAccess[], spans: Map<Memory, Span>): void {
  for (const [i, { writes, inPlace }] of instructions.entries()) {
    const result = writes[0];
    if (!inPlace || !result) continue;
    const [own, operand] = [rootOf(result), rootOf(inPlace)];
    const [mine, theirs] = [spans.get(own.root), spans.get(operand.root)];
    if (!mine || !theirs || mine === theirs || own.root !== result) continue;
    if (mine.first !== i || theirs.last !== i || inPlace.bytes !== result.bytes) continue;
    result.within = { buffer: operand.root, offset: operand.offset };
    theirs.last = mine.last;
    spans.delete(result);
  }
}
