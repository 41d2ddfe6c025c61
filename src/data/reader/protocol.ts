/**
 * What the process that reads data and the one that asks it to say to each other. Structured
 * clones, so bytes travel as they are.
 */
import { UserError } from "../../base/errors.ts";
import type { Square } from "../decode/preprocessing.ts";
import { type Listing, type LoadedImage, UnusableImage } from "../sources/source.ts";
import type { Split, Unlabeled } from "../store/store.ts";

/** What is asked. Answers bear the number of the question. */
export type Question = { readonly number: number } & (
  | {
      readonly ask: "list";
      readonly source: string;
      readonly location: string;
      readonly split: Split;
      readonly unlabeled?: Unlabeled | undefined;
    }
  | { readonly ask: "load"; readonly index: number; readonly square: Square }
  | { readonly ask: "close" }
);

/** A question before it has its number. */
export type Asked<Q = Question> = Q extends Question ? Omit<Q, "number"> : never;

/** All of a listing but its two long lists, and its functions. */
export type ListingHead = Omit<Listing, "paths" | "identity" | "load" | "label" | "close"> & {
  readonly images: number;
};

/** An image, and its class where there are classes. */
export interface LoadedReply extends LoadedImage {
  readonly label: number | undefined;
}

/** What is answered. A listing comes in several pieces, the head last. */
export type Answer = { readonly number: number } & (
  | { readonly say: "found"; readonly found: number }
  | { readonly say: "piece"; readonly of: "paths" | "identity"; readonly values: readonly string[] }
  | { readonly say: "listing"; readonly head: ListingHead }
  | { readonly say: "image"; readonly image: LoadedReply }
  | { readonly say: "closed" }
  | { readonly say: "failed"; readonly error: WireError }
);

/** An error as it travels. */
export interface WireError {
  readonly kind: "user" | "unusable" | "other";
  readonly message: string;
  readonly hint: string | undefined;
  readonly stack: string | undefined;
  /** What system errors bring along. */
  readonly system: Readonly<Record<string, string>>;
}

/** Properties of a system error that are worth sending. */
const SYSTEM = ["code", "syscall", "path"] as const;

/** An error as it can be sent. */
export function toWire(error: unknown): WireError {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const all = error as Readonly<Record<string, unknown>>;
  const system = SYSTEM.flatMap((key) => {
    const value = typeof error === "object" && error !== null ? all[key] : undefined;
    return typeof value === "string" ? [[key, value] as const] : [];
  });
  const kind = error instanceof UserError ? "user" : error instanceof UnusableImage ? "unusable" : "other";
  const said = error instanceof UserError ? error.marked : { message, hint: undefined };
  return { kind, ...said, stack, system: Object.fromEntries(system) };
}

/** The error that was sent. */
export function fromWire({ kind, message, hint, stack, system }: WireError): Error {
  if (kind === "user") return new UserError(message, hint);
  if (kind === "unusable") return new UnusableImage(message);
  const error = Object.assign(new Error(message), system);
  // Of a bug, the place where it happened is what matters.
  if (stack !== undefined) error.stack = stack;
  return error;
}
