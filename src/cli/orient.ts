/** The work of `orient`: which images are not upright, how sure that is, and copies turned upright. */
import { readdir } from "node:fs/promises";
import { extname, relative, resolve } from "node:path";
import { chosenStep } from "../app/chosen-step.ts";
import { type LoadedInspector, withRotationHead } from "../app/load-discriminator.ts";
import { runConfig } from "../app/load-generator.ts";
import { shortPath } from "../app/run-folder.ts";
import { writeLast } from "../app/write-last.ts";
import { csvRow } from "../base/csv.ts";
import { UserError } from "../base/errors.ts";
import { readableNumber } from "../base/readable.ts";
import { inspectData, resolveSource } from "../data/index.node.ts";
import { packReport } from "../narration/progress.ts";
import { evaluateTurns } from "../studies/orient/evaluation.ts";
import { degrees, type OrientedImage, SURE, turnedImages } from "../studies/orient/findings.ts";
import { rotationCheck } from "../studies/orient/judge.ts";
import { errorCode, requireWritable, writeFileWhole } from "../training/files.node.ts";
import { EXIT, type Invocation, refuseIdle } from "./command.ts";
import { type DataRequest, readDataRequest } from "./data/request.ts";
import { readEngine } from "./engine-options.ts";
import { interruptible } from "./interruptible.ts";
import { contextOf, narrate } from "./narrate.ts";
import { type Copies, copyWarnings, type Out, writeCopies } from "./orient-copies.ts";
import { describeOrientEvaluation, describeOriented } from "./orient-report.ts";

/** Look at the images that the command line names. @returns the exit code. @throws UserError for everything a user can put right */
export async function orientFrom(invocation: Invocation): Promise<number> {
  const { options, output } = invocation;
  const run = options.text("run");
  if (run === undefined)
    throw new UserError(
      "orient needs a run, whose rotation head is to judge.",
      "Name it: quarterturn orient DATA --run runs/NAME",
    );
  const evaluate = options.flag("evaluate") === true;
  if (evaluate)
    refuseIdle(
      options,
      ["threshold", "list"],
      "--evaluate measures the head, and gives no verdict on single images",
      "Leave --name out, or --evaluate.",
    );
  const { data } = await runConfig(run);
  const request = readDataRequest(invocation, { ...data, split: evaluate ? "test" : "all" });
  const out = await readOut(invocation, request, evaluate);
  const list = readList(options.text("list"));
  if (list !== undefined) await requireWritable(list);
  const threshold = options.number("threshold", { min: 0.25, max: 1 }) ?? SURE;
  const words = {
    stopping: "Stopping…",
    stopped: "Stopped. The originals are untouched; copies written so far are whole.",
  };
  const step = await chosenStep(
    run,
    { step: options.number("step", { whole: true, min: 0 }), best: options.flag("best") },
    contextOf(output),
  );
  return interruptible(output, words, (signal) =>
    withRotationHead(
      run,
      { step, engine: readEngine(options), resolution: request.resolution },
      async (inspector, answers) => {
        for (const note of inspector.notes) output.warning(note);
        const look = { ...request, signal, onProgress: packReport(output, "looking at images") };
        if (evaluate) return evaluateHead(inspector, answers, look, output);

        const images: OrientedImage[] = [];
        const jury = () => turnedImages(threshold, (image) => images.push(image));
        const found = await inspectData({
          ...look,
          checks: [rotationCheck(inspector.executable, answers, jury)],
        });
        // Said before anything is written: looking took the time.
        output.line(describeOriented(found, images, threshold));
        let copies: Copies | undefined;
        const turnedOnly = options.flag("turned-only") === true;
        const uncopied =
          out &&
          (await writeLast(narrate(output), async () => {
            copies = await writeCopies(out, images, turnedOnly, output, signal);
          }));
        for (const warning of copies ? copyWarnings(copies) : []) output.warning(warning);
        const rows = images.map(({ turns, ...image }) => ({
          ...image,
          turn: degrees(turns),
          ...(copies?.paths.has(image.path) && { copy: copies.paths.get(image.path) }),
        }));
        const unlisted =
          list === undefined
            ? undefined
            : await writeLast(narrate(output), () => writeFileWhole(list, listText(list, rows)));
        const unwritten = uncopied ?? unlisted;
        const { step } = inspector;
        const summary = found.findings[0]!.data as object;
        const written = [
          ...(list === undefined || unlisted !== undefined ? [] : [`${shortPath(list)} names them all.`]),
          ...(out && copies
            ? [`${readableNumber(copies.paths.size, "copy is", "copies are")} in ${shortPath(out.folder)}.`]
            : []),
        ];
        output.result(written.join("\n"), {
          ...{ run: resolve(run), step, data: found.name, ...summary, skipped: found.skipped },
          ...(list !== undefined && { list }),
          ...(out && { out: out.folder }),
          ...(copies && { left: copies.left, failed: copies.failed }),
          ...(unwritten !== undefined && { unwritten }),
          results: rows,
        });
        // What was asked for is not all there.
        return unwritten !== undefined || (copies && copies.failed.length > 0) ? EXIT.userError : EXIT.done;
      },
    ),
  );
}

async function evaluateHead(
  { run, step, executable }: LoadedInspector,
  answers: string,
  look: Parameters<typeof inspectData>[0],
  output: Invocation["output"],
): Promise<void> {
  const { jury, result } = evaluateTurns();
  const { name, split, used } = await inspectData({
    ...look,
    checks: [rotationCheck(executable, answers, () => jury)],
  });
  if (used === 0)
    throw new UserError(
      `${name} has no usable image to evaluate on.`,
      '"quarterturn data inspect DATA" says why each file is left out.',
    );
  const evaluation = result();
  output.result(describeOrientEvaluation(evaluation, `${name} (${split})`, step), {
    ...{ run, step, data: name, split, ...evaluation },
  });
}

/** @throws UserError where copies cannot be written without touching what is there */
async function readOut(
  { options }: Invocation,
  request: DataRequest,
  evaluate: boolean,
): Promise<Out | undefined> {
  const out = options.text("out");
  if (out === undefined) {
    if (options.flag("turned-only"))
      throw new UserError("--turned-only is given without --out.", "It says which copies are written.");
    return undefined;
  }
  if (evaluate) throw new UserError("--evaluate writes no copies.", "Leave --out out.");
  const { definition, location } = resolveSource(request.source);
  if (definition.name !== "folder" || request.split !== "all")
    throw new UserError(
      `Copies can be written of a folder of images as a whole, not of ${definition.usage}${request.split === "all" ? "" : ` (${request.split})`}.`,
      "Leave --out out: --list names the images that are turned.",
    );
  const [folder, originals] = [resolve(out), resolve(location)];
  const between = relative(originals, folder);
  if (between === "" || (!between.startsWith("..") && resolve(originals, between) === folder))
    throw new UserError(
      `--out ${out} is inside the folder of the originals.`,
      "Choose another folder: copies there would be taken for more images.",
    );
  const there = await readdir(folder).catch((error: unknown): string[] => {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  });
  if (there.length > 0)
    throw new UserError(`${folder} is not empty.`, "Choose a new folder, so that nothing is replaced.");
  return { folder, originals };
}

/** @throws UserError for a list of another kind than CSV or JSON */
function readList(list: string | undefined): string | undefined {
  if (list === undefined) return undefined;
  if ([".csv", ".json"].includes(extname(list).toLowerCase())) return resolve(list);
  throw new UserError(`--list ${list}: the list is CSV or JSON.`, "Let the name end in .csv or .json.");
}

interface Row extends Omit<OrientedImage, "turns"> {
  /** Degrees anticlockwise. */
  readonly turn: number;
  readonly copy?: string | undefined;
}

function listText(path: string, rows: readonly Row[]): string {
  if (path.toLowerCase().endsWith(".json")) return `${JSON.stringify(rows, null, 1)}\n`;
  const head = csvRow(["path", "turn", "confidence", "agreement", "verdict", "exifOrientation", "copy"]);
  const lines = rows.map((row) =>
    csvRow([
      row.path,
      row.turn,
      row.confidence.toFixed(4),
      row.agreement,
      row.verdict,
      row.orientation,
      row.copy,
    ]),
  );
  return head + lines.join("");
}
