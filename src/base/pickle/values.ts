/** What a pickle holds, and what of it somebody allows. */

/** A value out of a pickle. Lists and tuples are arrays, dictionaries maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | PickleMap
  | PickleObject;

/** A dictionary, in the order of insertion. */
export interface PickleMap extends Map<PickleValue, PickleValue> {}

/**
 * A name (`collections.OrderedDict`), or whatever the caller's rules make of calls and persistent
 * ids.
 */
export interface PickleObject {
  readonly kind: string;
}

/** A class or function that was named. */
export interface PickleName extends PickleObject {
  readonly kind: "name";
  readonly name: string;
}

/** What a pickle may contain. */
export interface PickleRules {
  /** What such a file is called in messages: `a file of tensors`. */
  readonly file: string;
  /** Protocols it may be of. */
  readonly protocols: readonly number[];
  /** What a string of Python 2 is: text (Latin-1), or bytes. */
  readonly strings: "text" | "bytes";
  /**
   * Names that may appear, `module.name`. The function is what calling it gives; null: it may be
   * named, but not called.
   */
  readonly names: ReadonlyMap<string, ((args: readonly PickleValue[]) => PickleValue) | null>;
  /** The object for a persistent id; where it is missing there may be none. */
  readonly persistent?: (id: PickleValue) => PickleValue;
  /**
   * Give an object of the caller's its attributes. Without, dictionaries alone have any, and they
   * are of no use.
   */
  readonly build?: (object: PickleObject, state: PickleValue) => void;
}

/** Whether a value is an object of that kind: a name, or one that the caller's rules have made. */
export const isKind = <T extends PickleObject>(value: unknown, kind: T["kind"]): value is T =>
  value instanceof Object && "kind" in value && value.kind === kind;

/** Why a pickle was refused: half a sentence that reads well after "PATH: ". */
export class PickleError extends Error {
  override readonly name = "PickleError";
}

/** A name, or undefined for any other value. */
export function asName(value: PickleValue | undefined): string | undefined {
  return isKind<PickleName>(value, "name") ? value.name : undefined;
}

/** Text of one byte a character. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
