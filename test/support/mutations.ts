/**
 * Damage and malice by chance, from a seed: bytes flipped, cut, lengthened; fields of JSON removed,
 * renamed, retyped.
 */
import { type RandomStream, randomStream } from "../../src/base/random.ts";

const pick = <T>(stream: RandomStream, items: readonly T[]): T => items[stream.integer(items.length)]!;

/** Values that readers stumble over. */
const STRANGE: readonly unknown[] = [
  ...[null, true, false, 0, -1, 0.5, -0, 1e308, 2 ** 53, 4_294_967_296, -2_147_483_648],
  ...["", "0", "../../../etc/passwd", "\u0000", "\u001b[31m", "constructor", "__proto__", "9".repeat(400)],
  ...[[], {}, [[]], [null], { length: 3 }, { toString: 1 }],
];

/** JSON as it may be: anything. */
export type Json = unknown;

const isContainer = (value: Json): value is Record<string, Json> | Json[] =>
  typeof value === "object" && value !== null;

/** Every container in a value. */
function containers(value: Json, found: (Record<string, Json> | Json[])[] = []): typeof found {
  if (!isContainer(value)) return found;
  found.push(value);
  for (const inner of Object.values(value)) containers(inner, found);
  return found;
}

/** A value nested so deep that recursion over it fails. */
export const deep = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** The value with one or a few places changed. */
export function mutateJson(value: Json, seed: number): Json {
  const stream = randomStream(seed, "json");
  let root = { value: structuredClone(value) };
  for (let times = 1 + stream.integer(3); times > 0; times--) {
    const places = containers(root);
    const place = pick(stream, places) as Record<string, Json>;
    const keys = Object.keys(place);
    const key = keys.length > 0 ? pick(stream, keys) : "";
    switch (stream.integer(6)) {
      case 0:
        if (place !== (root as Record<string, Json>)) {
          if (Array.isArray(place)) place.splice(Number(key), 1);
          else delete place[key];
        }
        break;
      case 1:
        place[key] = structuredClone(pick(stream, STRANGE));
        break;
      case 2:
        if (place !== (root as Record<string, Json>)) {
          const name = pick(stream, ["__proto__", "constructor", "x", "toString", "", "step"]);
          Object.defineProperty(place, Array.isArray(place) ? place.length : name, {
            value: structuredClone(pick(stream, STRANGE)),
            ...{ enumerable: true, configurable: true, writable: true },
          });
        }
        break;
      case 3:
        // What stands elsewhere.
        place[key] = structuredClone(Object.values(pick(stream, places) as object)[0] ?? null);
        break;
      case 4:
        if (typeof place[key] === "number")
          place[key] = pick(stream, [-(place[key] as number), (place[key] as number) * 1e12, 1.5]);
        else if (typeof place[key] === "string") place[key] = `${place[key]}${place[key]}`;
        else place[key] = pick(stream, STRANGE);
        break;
      default:
        place[key] = typeof place[key] === "string" ? 7 : "seven";
    }
    if (!("value" in root)) root = { value: null };
  }
  return root.value;
}

/** The bytes with a few flipped, some cut off, put in or doubled. */
export function mutateBytes(bytes: Uint8Array, seed: number): Uint8Array {
  const stream = randomStream(seed, "bytes");
  let made = Uint8Array.from(bytes);
  const at = (): number => stream.integer(Math.max(1, made.length));
  switch (stream.integer(7)) {
    case 0:
      return made.subarray(0, at());
    case 1: {
      const more = Uint8Array.from({ length: 1 + stream.integer(64) }, () => stream.integer(256));
      return new Uint8Array([...made, ...more]);
    }
    case 2: {
      const from = at();
      const length = 1 + stream.integer(16);
      return new Uint8Array([...made.subarray(0, from), ...made.subarray(from + length)]);
    }
    case 3: {
      const from = at();
      return new Uint8Array([...made.subarray(0, from), ...made.subarray(Math.max(0, from - 32))]);
    }
    case 4:
      made.fill(pick(stream, [0, 255, 10]), at(), at());
      return made;
    case 5:
      if (stream.integer(4) === 0) made = new Uint8Array(0);
      return made;
    default:
      for (let times = 1 + stream.integer(8); times > 0 && made.length > 0; times--)
        made[at()]! ^= 1 << stream.integer(8);
      return made;
  }
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** How a document is written, so that it can be changed inside. */
export type Notation = "json" | "json-lines" | "bytes";

/**
 * A file with something wrong: its bytes, or, every second time, what it says.
 * @param seal makes checksums right again
 */
export function mutateFile(
  bytes: Uint8Array,
  notation: Notation,
  seed: number,
  seal: (value: Json) => Json = (value) => value,
): Uint8Array {
  if (notation === "bytes" || seed % 3 === 0) return mutateBytes(bytes, seed);
  const text = decoder.decode(bytes);
  if (notation === "json") return encoder.encode(JSON.stringify(seal(mutateJson(JSON.parse(text), seed))));
  const lines = text.split("\n").filter((line) => line !== "");
  const chosen = randomStream(seed, "line").integer(lines.length);
  lines[chosen] = JSON.stringify(mutateJson(JSON.parse(lines[chosen]!), seed)) ?? "";
  return encoder.encode(`${lines.join("\n")}\n`);
}
