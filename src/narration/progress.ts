/**
 * How work gets on, as lines that are drawn over and, where that is not possible, as a line now and
 * then.
 */
import { formatCount } from "../base/text/format/index.ts";

/** Where narration goes: a terminal, or listeners. */
export interface Teller {
  /** Whether a status can be redrawn in place, and how wide it may be. */
  readonly interactive: boolean;
  readonly columns: number;
  /** One or more lines that a person may want to read again later. */
  line(text: string): void;
  /** Something the user should know or do. */
  warning(text: string): void;
  /** What is drawn over; nothing happens where that is not possible. */
  status(text: string): void;
}

/**
 * A bar that is redrawn in place; a plain line every tenth where it cannot be. `note` follows the
 * bar.
 */
export function progressBar(
  teller: Teller,
): (doing: string, done: number, total: number, format: (value: number) => string, note?: string) => void {
  let last = "";
  let tenth = 0;
  return (doing, done, total, format, note = "") => {
    const share = done / Math.max(1, total);
    // Something else, or the same once more.
    if (doing !== last || Math.floor(share * 10) < tenth) tenth = 0;
    last = doing;
    const bar = "█".repeat(Math.min(20, Math.round(share * 20))).padEnd(20, "░");
    teller.status(`${doing} ${bar} ${format(done)}/${format(total)}${note}`.slice(0, teller.columns));
    if (!teller.interactive && Math.floor(share * 10) > tenth) {
      tenth = Math.floor(share * 10);
      teller.line(`${doing}: ${format(done)} of ${format(total)}`);
    }
  };
}

/** What `packReport` is told. */
interface Packing {
  readonly phase: "listing" | "packing";
  readonly done: number;
  readonly total: number;
}

/** A progress bar for packing, or for `doing` something else with every image. */
export function packReport(teller: Teller, doing = "packing images"): (progress: Packing) => void {
  const show = progressBar(teller);
  return ({ phase, done, total }) => {
    if (phase === "listing") return teller.status(`looking for images: ${formatCount(done)}`);
    show(doing, done, total, (value) => formatCount(value));
  };
}
