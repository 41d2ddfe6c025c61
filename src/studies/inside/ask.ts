/** Questions about a run's discriminator, answered by a process of its own, one at a time. */
import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { UserError } from "../../base/errors.ts";
import { callOf, moduleBeside } from "../../base/processes/modules.node.ts";
import { defaultLimits, lastOf } from "../../data/reader/process.node.ts";
import { VERDICT_FD } from "../../data/reader/watch.node.ts";
import type { LayersAt, LayersRequest } from "./layers.ts";
import type { FeatureMap, MapRequest } from "./map.ts";
import type { PictureRequest, PictureView } from "./picture.ts";
import type { InsideAnswer, InsideQuestion } from "./serve.ts";

/** Questions that wait at the most; one more is turned away. */
const MAX_WAITING = 8;
/** Seconds of computing: large networks are compiled and read within them. */
const SECONDS = 300;

/** Answers questions; each throws UserError with what a user can do about it. */
export interface Inside {
  map(request: MapRequest): Promise<FeatureMap>;
  layers(request: LayersRequest): Promise<LayersAt[]>;
  picture(request: PictureRequest): Promise<PictureView>;
  /** End what is under way. */
  close(): void;
}

/** Nothing is started before the first question. */
export function createInside(): Inside {
  const closing = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const ask = async (question: () => InsideQuestion): Promise<unknown> => {
    if (waiting >= MAX_WAITING)
      throw new UserError("Too many questions about discriminators wait already.", "Ask again in a moment.");
    waiting++;
    const mine = last.catch(() => undefined).then(() => answerOf(question(), closing.signal));
    last = mine;
    return mine.finally(() => waiting--);
  };
  return {
    map: (map) => ask(() => ({ kind: "map", map })) as Promise<FeatureMap>,
    layers: (layers) => ask(() => ({ kind: "layers", layers })) as Promise<LayersAt[]>,
    picture: ({ picture, ...rest }) =>
      ask(() => ({
        kind: "picture",
        ...rest,
        picture: Buffer.from(picture).toString("base64"),
      })) as Promise<PictureView>,
    close: () => closing.abort(),
  };
}

async function answerOf(question: InsideQuestion, signal: AbortSignal): Promise<unknown> {
  signal.throwIfAborted();
  const limits = { ...defaultLimits(), seconds: SECONDS };
  const call = `serveInside(${JSON.stringify(limits)})`;
  const child = spawn(process.execPath, callOf(moduleBeside("serve", import.meta.url), call), {
    stdio: ["pipe", "pipe", "pipe", "ignore", "pipe"],
    signal,
    killSignal: "SIGKILL",
    windowsHide: true,
  });
  // Of a process that is ended, what it has said by then.
  const answered = text(child.stdout as Readable).catch(() => "");
  const words = lastOf(child.stderr as Readable);
  const verdict = lastOf(child.stdio[VERDICT_FD] as Readable);
  const stdin = child.stdin as Writable;
  // It may be gone before it has heard all.
  stdin.on("error", () => undefined);
  stdin.end(JSON.stringify(question));
  const how = await new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, ended) => resolve(code === 0 ? undefined : (ended ?? `code ${code}`)));
  });
  signal.throwIfAborted();
  if (how !== undefined) throw explain(how, verdict(), words());
  const said = JSON.parse(await answered) as InsideAnswer;
  if ("error" in said) throw new UserError(said.error, said.hint);
  return said.answer;
}

function explain(how: string, verdict: string, words: string): Error {
  if (verdict === "memory")
    return new UserError(
      "The discriminator, or the picture, needs more memory than there is.",
      "Close what else runs, or look at a smaller run.",
    );
  if (verdict !== "")
    return new UserError(
      "Looking into the discriminator came to no end.",
      "Try again when the machine is idle.",
    );
  return new Error(`Looking into the discriminator ended with ${how}: ${words.slice(-2000)}`);
}
