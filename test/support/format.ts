/** What a format is, for tests and campaigns that damage files. */
import type { Json, Notation } from "./mutations.ts";

/** A format: where its file is, what is in it, and everything that reads it. */
export interface Format {
  readonly name: string;
  readonly file: string;
  readonly valid: Uint8Array;
  readonly notation: Notation;
  /** Makes a checksum inside right again. */
  readonly seal?: (value: Json) => Json;
  /** Whether what is damaged is made anew, as it is only a cache. */
  readonly renewed?: boolean;
  /** Read the file as the program does. */
  read(): Promise<unknown>;
}

/** JSON as bytes. */
export const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
/** Side of the images in them. */
export const SIDE = 8;
