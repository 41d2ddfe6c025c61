/** What a page that was saved as one file carries, and where in it. */

/** The element with `Carried` as JSON. */
export const CARRIED_ID = "quarterturn-carried";
/** The element with the code of the page's worker, as a JSON string. */
export const WORKER_ID = "quarterturn-worker";

/** Everything that a server would have answered. */
export interface Carried {
  /** When it was saved, in milliseconds since 1970. */
  readonly made: number;
  /** Documents by the path that the page asks for. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Why there is no answer, by path. */
  readonly problems: Readonly<Record<string, string>>;
  /** PNG files in base64, by path. */
  readonly pictures: Readonly<Record<string, string>>;
}
