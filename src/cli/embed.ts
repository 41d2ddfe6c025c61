/** The work of `embed`: what a discriminator sees in images, as an array and a table of what its rows are. */
import { basename, resolve } from "node:path";
import { chosenStep } from "../app/chosen-step.ts";
import { type LoadedInspector, loadInspector } from "../app/load-discriminator.ts";
import { openRunEngine, runConfig } from "../app/load-generator.ts";
import { openResources } from "../app/resources.ts";
import { shortPath } from "../app/run-folder.ts";
import { writeLast } from "../app/write-last.ts";
import { csvRow } from "../base/csv.ts";
import { UserError, unknownName } from "../base/errors.ts";
import { formatBytes, formatCount } from "../base/format.ts";
import { readableNumber } from "../base/readable.ts";
import { inspectData, resolveSource } from "../data/index.node.ts";
import { packReport } from "../narration/progress.ts";
import { embeddingCheck } from "../studies/embed/embed.ts";
import { createNpy } from "../studies/embed/npy.ts";
import { requireWritable, writeFileWhole } from "../training/files.node.ts";
import { type CommandOptions, EXIT, type Invocation, refuseIdle } from "./command.ts";
import { readDataRequest } from "./data/request.ts";
import { readEngine } from "./engine-options.ts";
import { interruptible } from "./interruptible.ts";
import { contextOf, narrate } from "./narrate.ts";

/** Embed the images that the command line names. @returns the exit code. @throws UserError for everything a user can put right */
export async function embedFrom(invocation: Invocation): Promise<number> {
  const { options, output } = invocation;
  const run = options.text("run");
  if (run === undefined)
    throw new UserError(
      "embed needs a run, whose discriminator is to look.",
      "Name it: quarterturn embed DATA --run runs/NAME",
    );
  const limit = readNumbers(options);
  const { data } = await runConfig(run);
  const request = readDataRequest(invocation, { ...data, split: "all" });
  const step = await chosenStep(
    run,
    { step: options.number("step", { whole: true, min: 0 }), best: options.flag("best") },
    contextOf(output),
  );
  const words = { stopping: "Stopping…", stopped: "Stopped; nothing was written." };
  return interruptible(output, words, async (signal) => {
    const { keep, close } = openResources();
    try {
      const engine = keep(await openRunEngine(run, readEngine(options)));
      const inspector = await loadInspector(engine, run, step, {
        score: false,
        task: false,
        features: limit,
      });
      for (const note of inspector.notes) output.warning(note);
      const block = chosenBlock(inspector, options.text("block") ?? POOLED);
      const columns = inspector.program.results.find(({ name }) => name === block)!.shape[1]!;
      const out = outPath(options.text("out"), request.source, block);
      await requireWritable(out);
      const writer = await createNpy(out, columns);
      keep({ close: () => writer.discard() });

      const table: string[] = [csvRow(["row", "path", "label", "class"])];
      let classNames: readonly string[] | undefined;
      const check = embeddingCheck(inspector.executable, block, writer, ({ path, label }) => {
        const name = label === undefined ? undefined : classNames?.[label];
        table.push(csvRow([table.length - 1, path, label, name]));
      });
      const found = await inspectData({
        ...request,
        signal,
        onProgress: packReport(output, "looking at images"),
        checks: [
          (context) => {
            classNames = context.classNames;
            return check(context);
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
      const unwritten = await writeLast(narrate(output), () => writeFileWhole(names, table.join("")));
      const bytes = 128 + writer.rows * columns * 4;
      output.result(
        `${shortPath(out)}: float32 [${formatCount(writer.rows)}, ${formatCount(columns)}], ${formatBytes(bytes)}: ${block} of ${found.name} at step ${formatCount(inspector.step)}\n` +
          `${shortPath(names)} ${unwritten === undefined ? "says" : "could not be written; it would say"} which image each row is.${found.skipped.length > 0 ? ` ${readableNumber(found.skipped.length, "image")} could not be used.` : ""}`,
        {
          ...{ run: resolve(run), step: inspector.step, data: found.name, split: found.split, block },
          ...{ file: out, names, shape: [writer.rows, columns], classNames: classNames ?? null },
          skipped: found.skipped,
          ...(unwritten !== undefined && { unwritten }),
        },
      );
      return unwritten === undefined ? EXIT.done : EXIT.userError;
    } finally {
      await close();
    }
  });
}

/** What the heads read. It is one number a channel already. */
const POOLED = "pooled";

/** @throws UserError for a number where no map is pooled to it */
function readNumbers(options: CommandOptions): number {
  if ((options.text("block") ?? POOLED) === POOLED)
    refuseIdle(
      options,
      ["numbers"],
      `it says what a block's map is pooled to, and ${POOLED} is no map`,
      "Name a block, for example --block block2, or leave --numbers out.",
    );
  return options.number("numbers", { whole: true, min: 1, max: 1_000_000 }) ?? 1;
}

/** @throws UserError when there is no such block */
function chosenBlock({ program }: LoadedInspector, asked: string): string {
  const known = program.results.map(({ name }) => name);
  if (!known.includes(asked)) throw unknownName("block", asked, known);
  return asked;
}

/** `NAME-BLOCK.npy` here, unless something else is asked for. */
function outPath(asked: string | undefined, source: string | null, block: string): string {
  if (asked !== undefined && !asked.endsWith(".npy"))
    throw new UserError(`--out ${asked}: features are a NumPy array.`, "Let the name end in .npy.");
  const { definition, location } = resolveSource(source);
  const name = location === "" ? definition.name : basename(resolve(location));
  return resolve(asked ?? `${name}-${block}.npy`);
}
