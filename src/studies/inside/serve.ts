/**
 * The other side of `ask.ts`: a process that answers one question and ends. Pictures of strangers
 * are decoded here, and networks run here, beside a training that must not feel it: with one
 * thread, in low priority, watched as a reader of data is.
 */
import { setPriority } from "node:os";
import { text } from "node:stream/consumers";
import { UserError } from "../../base/errors.ts";
import { type ReaderLimits, watchReader } from "../../data/reader/watch.node.ts";
import { createInThreadEngine } from "../../engine/node.node.ts";
import { type LayersRequest, layersThrough } from "./layers.ts";
import { featureMap, type MapRequest } from "./map.ts";
import { lookAtPicture } from "./picture.ts";

/** A question, as JSON. `picture` in base64. */
export type InsideQuestion =
  | { readonly kind: "map"; readonly map: MapRequest }
  | { readonly kind: "layers"; readonly layers: LayersRequest }
  | {
      readonly kind: "picture";
      readonly run: string;
      readonly step: number;
      readonly picture: string;
      readonly label: number | undefined;
    };

/** An answer, as JSON. */
export type InsideAnswer =
  | { readonly answer: unknown }
  | { readonly error: string; readonly hint?: string | undefined };

/** How willingly others are let past, of −20 … 19. */
const NICE = 10;

/** Read a question from standard input, answer it on standard output. */
export async function serveInside(limits: ReaderLimits): Promise<void> {
  watchReader(limits).waiting(1);
  try {
    setPriority(NICE);
  } catch {
    // Not everywhere: then it takes its turn like all others.
  }
  const question = JSON.parse(await text(process.stdin)) as InsideQuestion;
  const said = await answer(question).then(
    (found): InsideAnswer => ({ answer: found }),
    (error: unknown): InsideAnswer => {
      if (error instanceof UserError) return { error: error.marked.message, hint: error.marked.hint };
      throw error;
    },
  );
  // Ended at once: what the engine still holds is nobody's.
  process.stdout.write(JSON.stringify(said), () => process.exit(0));
}

async function answer(question: InsideQuestion): Promise<unknown> {
  const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
  if (question.kind === "map") return featureMap(engine, question.map);
  if (question.kind === "layers") return layersThrough(engine, question.layers);
  const { run, step, label } = question;
  const picture = new Uint8Array(Buffer.from(question.picture, "base64"));
  return lookAtPicture(engine, { run, step, label, picture });
}
