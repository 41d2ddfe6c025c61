/**
 * The process that reads data: lists a source and decodes its images for the one that started it.
 * Whatever a file does to its decoder (never ending, taking all memory, crashing it) it does here.
 * Started by `process.node.ts` with its limits as JSON.
 */
import { countProgress } from "../progress.ts";
import { SOURCES } from "../sources/registry.node.ts";
import type { Listing } from "../sources/source.ts";
import type { Answer, ListingHead, Question } from "./protocol.ts";
import { toWire } from "./protocol.ts";
import { type ReaderLimits, watchReader } from "./watch.node.ts";

/** Strings of a listing that are sent at once. */
const PIECE = 20_000;
/** Milliseconds between two words on how many files were found. */
const FOUND_EVERY = 100;

/** Answer questions for as long as there is somebody to ask them. */
export function serveReader(limits: ReaderLimits): void {
  const watch = watchReader(limits);
  let listing: Listing | undefined;
  let open = 0;

  const send = (answer: Answer): void => void process.send?.(answer);

  const list = async (question: Question & { ask: "list" }): Promise<void> => {
    const { number, source, location, split, unlabeled } = question;
    const definition = SOURCES.find(({ name }) => name === source);
    if (!definition) throw new Error(`there is no source "${source}"`);
    let told = 0;
    const onFound = (found: number): void => {
      countProgress();
      if (performance.now() - told < FOUND_EVERY) return;
      told = performance.now();
      send({ number, say: "found", found });
    };
    await listing?.close();
    listing = await definition.list({ location, split, unlabeled, onFound });
    const { paths, identity, load, label, close, ...rest } = listing;
    for (const [of, all] of [["paths", paths] as const, ["identity", identity] as const])
      for (let i = 0; i < all.length; i += PIECE)
        send({ number, say: "piece", of, values: all.slice(i, i + PIECE) });
    const head: ListingHead = { ...rest, images: paths.length };
    send({ number, say: "listing", head });
  };

  const load = async ({ number, index, square }: Question & { ask: "load" }): Promise<void> => {
    if (!listing) throw new Error("nothing is listed");
    const image = await listing.load(index, square);
    const label = listing.classNames ? listing.label(index) : undefined;
    send({ number, say: "image", image: { ...image, label } });
  };

  const close = async (number: number): Promise<void> => {
    const before = listing;
    listing = undefined;
    await before?.close();
    send({ number, say: "closed" });
  };

  process.on("message", (question: Question) => {
    watch.waiting(++open);
    countProgress();
    const work =
      question.ask === "list"
        ? list(question)
        : question.ask === "load"
          ? load(question)
          : close(question.number);
    work
      .catch((error: unknown) => send({ number: question.number, say: "failed", error: toWire(error) }))
      .finally(() => {
        countProgress();
        watch.waiting(--open);
      });
  });
  // The end is decided by the process that asks; a terminal tells both of Ctrl-C.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
  // Not `process.exit`, which waits for what native code is at.
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
}
