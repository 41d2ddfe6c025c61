/**
 * The use case `embed`: what a discriminator sees in images, as an array and a table of what its
 * rows are.
 */
import { basename, resolve } from "node:path";
import { requireWritable, writeFileWhole } from "../base/disk/files.node.ts";
import { UserError, unknownName } from "../base/errors.ts";
import { option } from "../base/option-names.ts";
import { csvRow } from "../base/text/csv.ts";
import { inspectData, resolveSource } from "../data/index.node.ts";
import type { SkippedFile, Split } from "../data/store/store.ts";
import { embeddingCheck } from "../studies/embed/embed.ts";
import { createNpy } from "../studies/embed/npy.ts";
import type { Context } from "./context.ts";
import { dataRequest, type ImagesOptions } from "./data/images-options.ts";
import type { GeneratorOptions } from "./sample/options.ts";
import { chosenStep } from "./support/chosen-step.ts";
import type { EngineChoice } from "./support/engine-choice.ts";
import { packingOf } from "./support/images.ts";
import { type LoadedDiscriminator, loadDiscriminatorProgram } from "./support/load-discriminator.ts";
import { openRunEngine, runConfig } from "./support/load-generator.ts";
import { openResources } from "./support/resources.ts";
import { writeLast } from "./support/write-last.ts";

/** Whose discriminator looks, at what, and where its features go. */
export interface EmbedOptions extends Omit<GeneratorOptions, "ema">, ImagesOptions, EngineChoice {
  /** `block1`, `block2`, … or `pooled`, what the heads read; `pooled` unless given. */
  readonly block?: string | undefined;
  /** Numbers that a block's map is pooled to at the most; 1 a channel unless given. */
  readonly numbers?: number | undefined;
  /** A NumPy array; beside it a table of what its rows are. After data and block unless given. */
  readonly out?: string | undefined;
}

/** What was written: the document of `embed --json`. */
export interface EmbedResult {
  /** The run folder, absolute. */
  readonly run: string;
  readonly step: number;
  /** Name of the data. */
  readonly data: string;
  readonly split: Split;
  readonly block: string;
  /** The array and the table, absolute. */
  readonly file: string;
  readonly names: string;
  /** [images, numbers], float32. */
  readonly shape: readonly [number, number];
  readonly classNames: readonly string[] | null;
  /** Images that could not be used. */
  readonly skipped: readonly SkippedFile[];
  /** Why the table could not be written. */
  readonly unwritten?: string;
}

/** What the heads read. It is one number a channel already. */
const POOLED = "pooled";

/**
 * Write what a discriminator sees in images.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts, with
 * nothing written
 */
export async function embed(options: EmbedOptions, context: Context): Promise<EmbedResult> {
  const { run, block: wanted = POOLED, numbers } = options;
  const { report, signal } = context;
  if (numbers !== undefined && wanted === POOLED)
    throw new UserError(
      `${option("numbers")} would change nothing: it says what a block's map is pooled to, and ${POOLED} is no map.`,
      `Name a block, for example ${option("block", "block2")}, or leave ${option("numbers")} out.`,
    );
  const { data } = await runConfig(run);
  const request = dataRequest(options, { ...data, split: "all" });
  const step = await chosenStep(run, options, context);
  const { use, close } = openResources();
  try {
    const engine = use(await openRunEngine(run, options));
    const discriminator = await loadDiscriminatorProgram(engine, run, step, {
      score: false,
      task: false,
      features: numbers ?? 1,
    });
    for (const message of discriminator.notes) void report({ kind: "warning", message });
    const block = chosenBlock(discriminator, wanted);
    const columns = discriminator.program.results.find(({ name }) => name === block)!.shape[1]!;
    const out = outPath(options.out, request.source, block);
    await requireWritable(out);
    const writer = await createNpy(out, columns);
    use({ close: () => writer.discard() });

    const table: string[] = [csvRow(["row", "path", "label", "class"])];
    let classNames: readonly string[] | undefined;
    const check = embeddingCheck(discriminator.executable, block, writer, ({ path, label }) => {
      const name = label === undefined ? undefined : classNames?.[label];
      table.push(csvRow([table.length - 1, path, label, name]));
    });
    const found = await inspectData({
      ...request,
      signal,
      onProgress: packingOf(report, "inspection"),
      checks: [
        (look) => {
          classNames = look.classNames;
          return check(look);
        },
      ],
    });
    if (writer.rows === 0)
      throw new UserError(
        `${found.name} has no usable image.`,
        '"quarterturn data inspect DATA" says why each file is left out.',
      );
    const names = out.replace(/\.npy$/, ".csv");
    // The array first: it is what took the time.
    await writer.finish();
    const unwritten = await writeLast(report, () => writeFileWhole(names, table.join("")));
    return {
      ...{ run: resolve(run), step: discriminator.step, data: found.name, split: found.split, block },
      ...{ file: out, names, shape: [writer.rows, columns], classNames: classNames ?? null },
      skipped: found.skipped,
      ...(unwritten !== undefined && { unwritten }),
    };
  } finally {
    await close();
  }
}

/** @throws UserError when there is no such block */
function chosenBlock({ program }: LoadedDiscriminator, asked: string): string {
  const known = program.results.map(({ name }) => name);
  if (!known.includes(asked)) throw unknownName("block", asked, known);
  return asked;
}

/** `NAME-BLOCK.npy` here, unless something else is asked for. */
function outPath(asked: string | undefined, source: string | null, block: string): string {
  if (asked !== undefined && !asked.endsWith(".npy"))
    throw new UserError(`${option("out", asked)}: features are a NumPy array.`, "Let the name end in .npy.");
  const { definition, location } = resolveSource(source);
  const name = location === "" ? definition.name : basename(resolve(location));
  return resolve(asked ?? `${name}-${block}.npy`);
}
