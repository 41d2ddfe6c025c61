/**
 * A listing whose source is read in another process, so that no file, however it is made, can hang,
 * bloat or crash this one, and Ctrl-C works at once whatever a decoder is at.
 */

import { resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { formatBytes } from "../../base/text/format/index.ts";
import type { Square } from "../decode/preprocessing.ts";
import { type Listing, type ListRequest, type SourceDefinition, UnusableImage } from "../sources/source.ts";
import { defaultLimits, type Reader, ReaderEnded } from "./process.node.ts";
import type { ListingHead, LoadedReply } from "./protocol.ts";
import { keepReader, takeReader } from "./spare.node.ts";
import type { ReaderLimits } from "./watch.node.ts";

/** So many pictures of a set may end their decoder before the whole is given up. */
const MAX_FATAL = 3;

/**
 * The listing that `definition.list(request)` gives, read elsewhere. Only sources that come with
 * the program are read here.
 * @throws UserError as `definition.list`, and if reading comes to no end or crashes; the signal's
 *   reason when it aborts
 */
export async function listInProcess(
  definition: SourceDefinition,
  request: ListRequest,
  limits: ReaderLimits = defaultLimits(),
): Promise<Listing> {
  if (definition.trusted) return definition.list(request);
  const { signal } = request;
  signal?.throwIfAborted();
  const location = request.location === "" ? "" : resolve(request.location);
  const where = location || definition.name;
  let reader = takeReader(limits);
  const stop = (): void => reader.end(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  const letGo = (): void => signal?.removeEventListener("abort", stop);

  const list = async (): Promise<{ head: ListingHead; paths: string[]; identity: string[] }> => {
    const lists = { paths: [] as string[], identity: [] as string[] };
    let head: ListingHead | undefined;
    const { split, unlabeled } = request;
    await reader.ask({ ask: "list", source: definition.name, location, split, unlabeled }, (answer) => {
      if (answer.say === "found") request.onFound?.(answer.found);
      // Not spread into `push`: there may be more than a call takes.
      else if (answer.say === "piece") for (const value of answer.values) lists[answer.of].push(value);
      else if (answer.say === "listing") head = answer.head;
      return head !== undefined;
    });
    return { head: head!, ...lists };
  };
  const first = await list().catch((error: unknown) => {
    letGo();
    signal?.throwIfAborted();
    // What it refused it has let go of.
    if (!reader.ended) keepReader(reader, limits);
    throw error instanceof ReaderEnded ? gaveUp(where, error, limits) : error;
  });
  const labels: (number | undefined)[] = [];

  const loadFrom = async (from: Reader, index: number, square: Square): Promise<LoadedReply> => {
    let image: LoadedReply | undefined;
    await from.ask({ ask: "load", index, square }, (answer) => {
      if (answer.say === "image") image = answer.image;
      return image !== undefined;
    });
    return image!;
  };

  let fatal = 0;
  /**
   * Pictures that were under way when a reader ended, one at a time: which of them was it? Others
   * wait meanwhile.
   */
  let suspects: Promise<unknown> = Promise.resolve();
  let suspected = 0;
  const renew = async (): Promise<void> => {
    signal?.throwIfAborted();
    reader = takeReader(limits);
    const again = await list();
    if (again.identity.join("\0") !== first.identity.join("\0"))
      throw new UserError(`${where} has changed while it was read.`, "Run the same command again.");
  };
  const loadAlone = async (index: number, square: Square): Promise<LoadedReply> => {
    if (reader.ended) await renew();
    try {
      return await loadFrom(reader, index, square);
    } catch (error) {
      if (!(error instanceof ReaderEnded)) throw error;
      if (error.verdict === "blocked" || ++fatal > MAX_FATAL) throw gaveUp(where, error, limits);
      throw new UnusableImage(`decoding it ${whatHappened(error, limits)}`, { cause: error });
    }
  };
  const load = async (index: number, square: Square): Promise<LoadedReply> => {
    try {
      if (!reader.ended && suspected === 0) return await loadFrom(reader, index, square);
    } catch (error) {
      if (!(error instanceof ReaderEnded)) throw error;
      // A loop in a reader of archives or tables is the whole file's, not that of one picture.
      if (error.verdict === "blocked") throw gaveUp(where, error, limits);
    }
    suspected++;
    const turn = suspects.then(() => loadAlone(index, square)).finally(() => suspected--);
    suspects = turn.catch(() => undefined);
    return turn;
  };

  const { images, ...rest } = first.head;
  return {
    ...rest,
    paths: first.paths,
    identity: first.identity,
    async load(index, square) {
      const { label, ...image } = await load(index, square).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw error instanceof ReaderEnded ? gaveUp(where, error, limits) : error;
      });
      labels[index] = label;
      return image;
    },
    label: (index) => labels[index] ?? Number.NaN,
    async close() {
      letGo();
      if (reader.ended) return;
      await reader
        .ask({ ask: "close" }, ({ say }) => say === "closed")
        .then(
          () => keepReader(reader, limits),
          () => reader.end(new Error("closed")),
        );
    },
  };
}

function whatHappened({ verdict, message }: ReaderEnded, { seconds, memory }: ReaderLimits): string {
  if (verdict === "memory") return `took more than ${formatBytes(memory)} of memory`;
  if (verdict)
    return `came to no end: nothing got done in ${verdict === "blocked" ? seconds / 2 : seconds} s of computing`;
  return message.startsWith("SIGKILL") ? "was killed, perhaps as memory ran out" : `crashed (${message})`;
}

function gaveUp(where: string, error: ReaderEnded, limits: ReaderLimits): UserError {
  return new UserError(
    `${where} cannot be read: decoding ${whatHappened(error, limits)}.`,
    "A file is damaged, or made to do harm. Get it again, or leave it out.",
    { cause: error },
  );
}
