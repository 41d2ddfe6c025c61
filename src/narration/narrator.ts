/**
 * Events of use cases in words: for a terminal, for its redirected output, for listeners of the
 * library.
 */
import type { AppEvent, ImagesRole, PackingEvent } from "../app/events.ts";
import { shortPath } from "../app/support/run-folder.ts";
import { writeOptions } from "../base/option-names.ts";
import { formatBytes, formatCount, percent } from "../base/text/format/index.ts";
import { residentMemory } from "../engine/devices/cpu.node.ts";
import { reportMarkdown } from "../studies/reproduce/markdown.ts";
import type { Rescued } from "../training/loop/health/rescue.node.ts";
import { rescueInWords } from "../training/loop/health/rescue.ts";
import { checkLine } from "./check-line.ts";
import { dataSentence } from "./data-sentence.ts";
import { evaluationLines, evaluationProgress } from "./evaluation-report.ts";
import { fetchReport } from "./fetch-progress.ts";
import { tellOnlineStudy } from "./online-study.ts";
import { describeOriented } from "./orient-report.ts";
import { describeState } from "./point-words.ts";
import { packReport, progressBar, type Teller } from "./progress.ts";
import { tellQueue } from "./queue-words.ts";
import { measuredTable, runsTable } from "./sweep-tables.ts";
import { createTrainReport, PLAIN_STYLE, type Style, type TrainReport } from "./train-report.ts";

/** How the words are written. */
export interface NarrationStyle extends Style {
  /** A message with its options in the caller's form; as in a program unless given. */
  readonly inWords?: (message: string) => string;
  /** How the waiting for runs of others is ended; nothing is said of that unless given. */
  readonly waiting?: string;
  /**
   * How a page that is served is ended, for the line that tells its address; nothing unless given.
   */
  readonly serving?: string;
  /** How the taking of runs from a queue is ended; nothing unless given. */
  readonly working?: string;
}

/** What is said before the images that were opened. */
const PREFIXES: Readonly<Record<ImagesRole, string>> = {
  training: "",
  trained: "training images: ",
  reference: "reference: ",
  probe: "probe: ",
  labelled: "",
};

/** What is done with images that are not ready. */
const PACKING = new Map<PackingEvent["role"], string>([
  ["held-out", "packing held-out images"],
  ["inspection", "looking at images"],
]);

/** What a rescue has done. */
const rescuedWords = ({ step, ...rescue }: Rescued): string =>
  `Rescued from the collapse: the run ${step > 0 ? `goes on from step ${formatCount(step)}, before it,` : "begins again"} with ${rescueInWords(rescue)}.`;

/**
 * A listener that tells what it hears.
 * @param teller where the words go
 */
export function createNarrator(
  teller: Teller,
  style: NarrationStyle = PLAIN_STYLE,
): (event: AppEvent) => void {
  const { inWords = (message) => writeOptions(message), waiting = "", serving = "", working = "" } = style;
  const packers = new Map<string, ReturnType<typeof packReport>>();
  let measuring: ReturnType<typeof evaluationProgress> | undefined;
  let training: TrainReport | undefined;
  const bar = progressBar(teller);
  const fetching = fetchReport(teller);

  const packing = (event: PackingEvent): void => {
    if (!packers.has(event.role)) packers.set(event.role, packReport(teller, PACKING.get(event.role)));
    packers.get(event.role)!(event);
  };
  const progress = (event: Extract<AppEvent, { kind: "progress" }>): void => {
    switch (event.activity) {
      case "statistics":
        teller.status(`statistics of ${formatCount(event.done)} of ${formatCount(event.total)} images`);
        break;
      case "copying":
        bar("writing copies", event.done, event.total, formatCount);
        break;
      case "downloading":
        bar("downloading", event.done, event.total, formatBytes);
        break;
      case "building":
        teller.status("building the network");
        break;
      case "timing":
        teller.status("measuring a few steps");
        break;
      case "generating":
        teller.status(`${formatCount(event.done)} images made`);
        break;
      case "filming":
        teller.status(`${formatCount(event.done)} frames`);
        break;
      case "comparing":
        bar(event.what, event.share, 1, percent);
        break;
      case "fitting":
        teller.status(`${event.what} ${event.done}/${event.total}`);
        break;
      case "writing":
        teller.status(`writing ${event.file}`);
        break;
      case "picturing":
        teller.status(`pictures of ${event.run}`);
        break;
      case "probing":
        teller.status(`probing the discriminator at step ${event.step}`);
        break;
      case "measuring":
        measuring ??= evaluationProgress(teller);
        measuring(event);
        break;
    }
  };
  return (event) => {
    switch (event.kind) {
      case "packing":
        packing(event);
        break;
      case "images":
        teller.line(`${PREFIXES[event.role]}${dataSentence(event.summary)}`);
        break;
      case "progress":
        progress(event);
        break;
      case "warning":
        teller.warning(inWords(event.message));
        break;
      case "note":
        teller.line(inWords(event.message));
        break;
      case "choice":
        teller.line(
          event.of === "features" ? `features: ${event.name}, as ${event.why}` : `takes ${event.why}`,
        );
        break;
      case "trial":
        teller.line(
          `Measuring ${event.steps === undefined ? "" : `${event.steps} steps `}on ${event.engine} …`,
        );
        break;
      case "training":
        training ??= createTrainReport(teller, shortPath(event.dir), style);
        training(event.event, () => residentMemory(event.process).now);
        break;
      case "measured": {
        const { step, weights, warnings } = event.evaluation;
        teller.line(`step ${formatCount(step)}, ${weights} weights`);
        for (const line of evaluationLines(event.evaluation)) teller.line(`  ${line}`);
        for (const warning of warnings) teller.warning(inWords(warning));
        break;
      }
      case "oriented":
        teller.line(describeOriented(event.found, event.images, event.threshold));
        break;
      case "weights":
        teller.line(`step ${formatCount(event.step)}, ${event.weights} weights`);
        break;
      case "rescue":
        teller.warning(rescuedWords(event.rescued));
        break;
      case "points":
      case "points-end":
        break;
      case "point": {
        const { id, seed, label } = event.point;
        teller.line(`${id}  seed ${seed}  ${label}: ${describeState(event.state)}`);
        break;
      }
      case "waiting": {
        const names = event.points.map(({ id }) => id).join(", ");
        const what = event.points.length === 1 ? "a run" : `${event.points.length} runs`;
        teller.line(`Waiting for ${what} that other processes train: ${names}.${waiting}`);
        break;
      }
      case "results":
        teller.line([runsTable(event.rows), ...measuredTable(event.rows)].join("\n"));
        break;
      case "queued":
      case "queued-point":
      case "queued-progress":
      case "working":
        tellQueue(event, teller, working);
        break;
      case "reproduced":
        teller.line(reportMarkdown(event.report));
        break;
      case "publication": {
        const { title, files, page } = event.publication;
        const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
        teller.line(`${title}, ${formatBytes(bytes)}; about it and its terms: ${page}`);
        break;
      }
      case "fetching":
        fetching(event);
        break;
      case "online-study":
        tellOnlineStudy(event, teller);
        break;
      case "check":
        teller.line(inWords(checkLine(event.check, style)));
        break;
      case "serving":
        teller.line(`studio  ${event.url} shows the runs in ${shortPath(event.runs)}${serving}.`);
        if (event.images !== undefined)
          teller.line(
            `        trainings can be started from the page, on folders below ${shortPath(event.images)}; they end with it.`,
          );
        break;
      case "file":
        teller.line(
          event.what === "skipped"
            ? `skipped ${shortPath(event.path)} names the files not used, and why`
            : `made    ${shortPath(event.path)} (${event.note})`,
        );
        break;
    }
  };
}
