/** Everything that the page would ask a server for, for a page that has none. */
import { UserError } from "../../base/errors.ts";
import { spreadOut } from "../../base/math/spread-out.ts";
import { asFlag } from "../../base/option-flags.ts";
import { option } from "../../base/option-names.ts";
import { formatBytes } from "../../base/text/format/index.ts";
import { readMemorization, readMemorizationSheet } from "../../training/evaluation/memorization-file.node.ts";
import { createInsides, type Insides } from "../inside.ts";
import type { RunDetail } from "../protocol.ts";
import type { RunCatalog } from "../runs/run-catalog.ts";
import { readRunFile } from "../runs/run-files.ts";
import type { Carried } from "./carried.ts";

/** What is taken along, and who is told. */
export interface Collecting {
  /** Grids of each run, evenly from the first to the last. */
  readonly grids: number;
  /** Whether the newest checkpoint of each run is looked into, which takes seconds. */
  readonly inside: boolean;
  /** A run's turn has come. */
  readonly onRun: (id: string) => void;
  /** Why a run cannot be shown, other than by its name. */
  readonly onUnreadable: (id: string, why: string) => void;
  readonly signal: AbortSignal;
}

/** Bytes of a page that browsers still open without trouble. */
const MAX_BYTES = 256 << 20;

/**
 * Collect what the page shows of all runs of a catalog.
 * @throws UserError when it is more than a page can carry; the signal's reason when it aborts
 */
export async function collect(
  catalog: RunCatalog,
  { grids, inside, onRun, onUnreadable, signal }: Collecting,
): Promise<Carried> {
  const table = await catalog.table();
  const answers: Record<string, unknown> = { "/api/table": table };
  const problems: Record<string, string> = {};
  const pictures: Record<string, string> = {};
  let carried = 0;
  const keep = (path: string, png: Uint8Array): void => {
    if (path in pictures) return;
    pictures[path] = Buffer.from(png).toString("base64");
    carried += pictures[path].length;
    if (carried > MAX_BYTES)
      throw new UserError(
        `More than ${formatBytes(MAX_BYTES)} of pictures are too much for one page.`,
        `Name one run, or fewer grids of each with ${option("grids")}.`,
      );
  };
  const insides = createInsides(catalog);
  try {
    for (const { id, picture } of table.runs) {
      signal.throwIfAborted();
      onRun(id);
      const base = `/api/runs/${encodeURIComponent(id)}`;
      const tell = (path: string, error: unknown): void => {
        problems[path] = messageOf(error);
      };
      const folder = await catalog.folder(id);
      const keepFile = async (file: string | undefined): Promise<void> => {
        const found = file === undefined ? undefined : await readRunFile(folder, file);
        if (!found || file === undefined) return;
        const path = `${base}/samples/${encodeURIComponent(file.replace(/^samples\//, ""))}`;
        if (found.type === "image/png") keep(path, found.bytes);
        else {
          const document = asJson(found.bytes);
          if (document === undefined) problems[path] = `${file} is damaged: it is not JSON.`;
          else answers[path] = document;
        }
      };
      await keepFile(picture);
      try {
        const detail = await catalog.detail(id);
        const samples = spreadOut(detail.samples, grids);
        answers[base] = { ...detail, samples, measured: detail.samples } satisfies RunDetail;
        answers[`${base}/curves`] = await catalog.curves(id);
        for (const sample of samples)
          for (const file of [sample.file, sample.averagedFile, sample.judgement, sample.histograms])
            await keepFile(file);
        if (detail.reals) await keepFile("samples/reals.png");
        if (detail.memorization) {
          answers[`${base}/memorization`] = await readMemorization(folder);
          const sheet = await readMemorizationSheet(folder);
          if (sheet) keep(`${base}/memorization.png`, sheet);
        }
        if (inside)
          await lookInside(insides, id, {
            keepFile,
            answer: (name, what) => {
              answers[`${base}/inside/${name}`] = what;
            },
            fail: (name, error) => tell(`${base}/inside/${name}`, error),
          });
      } catch (error) {
        if (!(error instanceof UserError) || carried > MAX_BYTES) throw error;
        tell(base, error);
        onUnreadable(id, messageOf(error));
      }
    }
  } finally {
    insides.close();
  }
  return { made: Date.now(), answers, problems, pictures };
}

/** Layers, and the map of the newest checkpoint: the one that a page without a server has. */
async function lookInside(
  insides: Insides,
  id: string,
  {
    keepFile,
    answer,
    fail,
  }: {
    readonly keepFile: (file: string | undefined) => Promise<void>;
    readonly answer: (name: string, what: unknown) => void;
    readonly fail: (name: string, error: unknown) => void;
  },
): Promise<void> {
  // What cannot be looked into says why; the rest of the page does not depend on it.
  try {
    const map = await insides.map(id);
    for (const file of Object.values(map.grids)) await keepFile(file);
    const only = { ...map, checkpoints: [map.step] };
    answer("map", only);
    answer(`map?step=${map.step}`, only);
  } catch (error) {
    fail("map", error);
  }
  try {
    answer("layers", await insides.layers(id));
  } catch (error) {
    fail("layers", error);
  }
}

function asJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof UserError)) return error instanceof Error ? error.message : String(error);
  const { message, hint } = error.written(asFlag);
  return [message, hint].filter(Boolean).join(" ");
}
