/** What a report says of one run. */

import { quantityName, quantityText, WINDOWS } from "../../base/quantities.ts";
import { formatBytes, formatCount, formatDuration, percent } from "../../base/text/format/index.ts";
import { imagesOf } from "../../data/images-of.ts";
import { describedMetrics, protocolSentence } from "../../metrics/describe.ts";
import { protocolName } from "../../metrics/protocol-name.ts";
import { taskOf } from "../../objectives/pretext/registry.ts";
import { flattenConfig } from "../../training/config/check.ts";
import { describeConfig, showValue } from "../../training/config/describe.ts";
import { progressInWords } from "../../training/loop/ending.ts";
import { rescueInWords } from "../../training/loop/health/rescue.ts";
import type { TrainingSession } from "../../training/run/record/environment.ts";
import { color, type LineChart, lineChartsSvg } from "../figures/line-chart.ts";
import { memorizationLines } from "../memorization/memorization.ts";
import { runCharts } from "./curves.ts";
import { latestEvaluations, quantitiesOf, type RunFacts, trainingSeconds } from "./facts.ts";
import { film } from "./film.ts";
import { type Html, section, table, text } from "./page.ts";
import type { DatedPicture, EmbeddedPicture } from "./pictures.ts";

/** Pictures of a run. */
export interface RunPictures {
  readonly grids: readonly DatedPicture[];
  readonly reals: EmbeddedPicture | undefined;
  /** Rows of a walk between latent vectors; undefined where there is no checkpoint. */
  readonly walk: EmbeddedPicture | undefined;
  /** Samples beside their nearest training images; undefined where nobody has looked. */
  readonly nearest?: EmbeddedPicture | undefined;
}

/** Size of a chart in the page's own units. */
const CHART = { width: 560, height: 320 } as const;

/** Charts as markup, each with the names of its curves below it. */
export const chartGrid = (charts: readonly LineChart[]): Html =>
  charts.length === 0
    ? ""
    : `<div class="charts">${charts.map((chart) => `<figure>${lineChartsSvg([{ ...chart, legend: "none" }], CHART)}${legend(chart)}</figure>`).join("")}</div>`;

const legend = ({ series }: LineChart): Html =>
  series.length < 2
    ? ""
    : `<figcaption class="legend">${series.map(({ name }, i) => `<span><i style="background:${color(i)}"></i>${text(name)}</span>`).join("")}</figcaption>`;

/** One line on what was trained. */
export function subtitle({ config, data, steps, progress }: RunFacts): Html {
  const { generator, discriminator, objective } = config;
  const kind = objective.selfSupervision === "none" ? "GAN" : "self-supervised GAN";
  return text(
    `${kind} on ${data}, ${config.data.resolution}×${config.data.resolution} · generator ${generator.architecture} (${generator.width}), discriminator ${discriminator.architecture} (${discriminator.width}) · ` +
      `${formatCount(steps.at(-1)?.step ?? 0)} of ${formatCount(config.training.steps)} steps, ${progressInWords(progress)}`,
  );
}

/** Why a run ended before its time, and what to do about it; nothing for the others. */
export function ending({ progress: { state, message, advice } }: RunFacts): Html {
  if ((state !== "failed" && state !== "interrupted") || message === undefined) return "";
  return `<p class="warning"><b>${text(message)}</b> ${text(advice ?? "")}</p>`;
}

/** The numbers a reader wants first. */
export function keyFigures(facts: RunFacts): Html {
  const figures: [string, string, string][] = [
    ["Generator steps", formatCount(facts.steps.at(-1)?.step ?? 0), ""],
  ];
  if (facts.best)
    figures.push([
      "Best step",
      formatCount(facts.best.step),
      `by ${facts.best.metric.toUpperCase()}, ${Number(facts.best.value.toPrecision(3))}; measured while training`,
    ]);
  for (const evaluation of latestEvaluations(facts).slice(-1))
    for (const { title, value } of describedMetrics(evaluation).slice(0, 2))
      figures.push([
        title,
        value.split(" (")[0]!,
        `${protocolName(evaluation)}, step ${formatCount(evaluation.step)}`,
      ]);
  const values = quantitiesOf(facts);
  const task = taskOf(facts.config.objective)?.description;
  const remarks = [
    [
      "taskAccuracyReal",
      [WINDOWS.recent, task && `guessing gives ${percent(task.accuracy.chance)}`].filter(Boolean).join("; "),
    ],
    ["figures", "100%: as varied as real images"],
    ["diversity", "100%: as different as real images"],
    ["overfitting", "held-out images: at 0% scored as training images, at 100% as generated ones"],
    ["speed", [WINDOWS.recent, facts.sessions.at(-1)?.engine].filter(Boolean).join(", ")],
  ] as const;
  for (const [key, remark] of remarks)
    if (values[key] !== undefined)
      figures.push([quantityName(key, task), quantityText(key, values[key]), remark]);
  figures.push(["Time in updates", formatDuration(trainingSeconds(facts)), "without sampling and saving"]);
  const cells = figures.map(
    ([name, value, note]) =>
      `<div><dt>${text(name)}</dt><dd>${text(value)}${note ? `<small>${text(note)}</small>` : ""}</dd></div>`,
  );
  return `<dl class="facts">${cells.join("")}</dl>`;
}

const figure = ({ url, width, height }: EmbeddedPicture, caption: string, alt: string): Html =>
  `<figure><img src="${url}" width="${width}" height="${height}" alt="${text(alt)}"><figcaption>${text(caption)}</figcaption></figure>`;

/** All sections of a run, in order. */
export function runSections(facts: RunFacts, pictures: RunPictures): Html {
  const id = (part: string): string => `${part}-${facts.name.replace(/[^\w-]/g, "_")}`;
  return [
    section("Samples", samples(pictures, facts.name), id("samples")),
    section("A walk through latent space", walk(pictures), id("walk")),
    section("Nearest training images", nearestImages(facts, pictures), id("nearest")),
    section("Curves", chartGrid(runCharts(facts)), id("curves")),
    section("Measurements", measurements(facts), id("measurements")),
    section("Linear probe", probe(facts), id("probe")),
    section("Health", health(facts), id("health")),
    section("Configuration", configuration(facts), id("configuration")),
    section("Computed with", environment(facts), id("environment")),
    section("To do it again", again(facts), id("again")),
  ].join("\n");
}

/** @param name of the run */
function samples({ grids, reals }: RunPictures, name: string): Html {
  if (grids.length === 0) return "";
  const how =
    grids.length > 1
      ? `<p class="soft small">The same latent vectors at all steps: choose one below the images.</p>`
      : "";
  return `${how}<div class="pair">${film(grids, `film of ${name}`)}${reals ? figure(reals, "Real images of the training data", "Real images") : ""}</div>`;
}

const walk = ({ walk: picture }: RunPictures): Html =>
  picture === undefined
    ? ""
    : `<div class="wide${picture.width < 700 ? " crisp" : ""}">${figure(picture, "Each row leads from one latent vector to another. Smooth changes speak against a generator that has learned single images by heart.", "Interpolation between latent vectors")}</div>`;

function nearestImages({ memorization }: RunFacts, { nearest }: RunPictures): Html {
  if (!memorization)
    return `<p class="soft">Not looked for. <code>quarterturn evaluate RUN --memorization</code> shows whether samples are copies of training images.</p>`;
  const { step, weights, training, features, summary } = memorization;
  const sheet = nearest
    ? `<div class="wide">${figure(nearest, "Each sample, its nearest training image in features, and in pixels; the nearest first. Below: share of training images whose own nearest neighbor is nearer still.", "Samples beside their nearest training images")}</div>`
    : "";
  const words = memorizationLines(summary).map((line) => `<p>${text(line)}</p>`);
  return `${words.join("")}${sheet}<p class="soft small">${text(
    `At step ${formatCount(step)}, ${weights} weights; ${formatCount(summary.samples)} samples against ${formatCount(training.count)} training ${imagesOf(training.data)}${training.mirrored ? ", also mirrored" : ""}; features of ${features.name}.`,
  )}</p>`;
}

function measurements({ evaluations }: RunFacts): Html {
  if (evaluations.length === 0)
    return `<p class="soft">None. <code>quarterturn evaluate RUN</code> measures FID, KID, precision and recall.</p>`;
  const rows = evaluations.flatMap((evaluation) =>
    describedMetrics(evaluation).map(({ title, value, better }) => [
      text(formatCount(evaluation.step)),
      text(title),
      `<b>${text(value)}</b>`,
      text(better),
      text(evaluation.weights),
      text(protocolSentence(evaluation)),
    ]),
  );
  const shown = rows.slice(-40);
  const warnings = [...new Set(evaluations.flatMap((evaluation) => evaluation.warnings))];
  const cut =
    rows.length > shown.length ? `<p class="soft small">The last ${shown.length} of ${rows.length}.</p>` : "";
  return (
    table([["Step", "Metric", "Value", "Better", "Weights", "Protocol"], ...shown]) +
    cut +
    warnings.map((warning) => `<p class="warning">${text(warning)}</p>`).join("") +
    `<p class="soft small">Numbers of different protocols or feature networks cannot be compared.</p>`
  );
}

function probe({ probes }: RunFacts): Html {
  const last = probes.at(-1);
  if (!last) return "";
  const { protocol, train, test, classes } = last;
  const rows = Object.entries(last.accuracies).map(([block, accuracy]) => [
    text(block),
    block === last.best ? `<b>${percent(accuracy)}</b>` : percent(accuracy),
  ]);
  return (
    table([["Block", "Top-1 accuracy"], ...rows]) +
    `<p class="soft small">${text(
      `At step ${formatCount(last.step)}: ${classes} classes, ${formatCount(train.count)} training and ${formatCount(test.count)} test ${imagesOf(train.data)}; ` +
        `${protocol.name} protocol: ${protocol.pooling}, ${protocol.epochs} epochs, batches of ${protocol.batchSize}, mean over ${protocol.seeds.length} seeds. This project's own, not the paper's exact settings.`,
    )}</p>`
  );
}

function health({ warnings, samples }: RunFacts): Html {
  const measured = samples.some(({ variety }) => variety !== undefined);
  const watched = samples.some(({ heldOut }) => heldOut !== undefined);
  if (warnings.length === 0)
    return `<p class="soft">No warnings. Looked for: ${
      measured
        ? "figures that are nearly all one, in any two grids of samples in a row"
        : "samples whose pixels are nearly the same (this record does not say whether their figures are, as an earlier version wrote it)"
    }; ${watched ? "a discriminator that learns its training images by heart (by images that it is never shown); " : ""}after the first 1,000 steps a discriminator that wins outright, and turns of real images that it cannot tell. No measure replaces a look at the samples.</p>`;
  return warnings
    .map(
      ({ step, message, advice }) =>
        `<div class="warning"><b>Step ${text(formatCount(step))}.</b> ${text(message)}<br><span class="small">${text(advice)}</span></div>`,
    )
    .join("");
}

function configuration({ config, reproduction, changes: later }: RunFacts): Html {
  const { preset, changes } = reproduction;
  const rows = changes.map(({ path, before, after }) => [
    `<code>${text(path)}</code>`,
    `<b>${text(showValue(after))}</b>`,
    text(showValue(before)),
  ]);
  const differences =
    rows.length === 0
      ? `<p>The preset <code>${text(preset)}</code> as it is.</p>`
      : `<p>The preset <code>${text(preset)}</code>, with these changes:</p>${table([["Value", "This run", "Preset"], ...rows])}`;
  const rescued = later.flatMap(({ step, rescue }) =>
    rescue
      ? [
          `<p class="warning">The generator collapsed (seen at step ${text(formatCount(rescue.seen))}). <code>--rescue</code> ${step > 0 ? `went back to step ${text(formatCount(step))}` : "began again"} and changed ${text(rescueInWords(rescue))}.</p>`,
        ]
      : [],
  );
  const changed = later
    .filter(({ rescue }) => !rescue)
    .map(
      ({ step, values }) =>
        `<li>after step ${text(formatCount(step))}: ${Object.entries(values)
          .map(([path, value]) => `<code>${text(path)}</code> to <b>${text(showValue(value))}</b>`)
          .join(", ")}</li>`,
    );
  const whileRunning =
    rescued.join("") +
    (changed.length > 0 ? `<p>Changed by hand while it ran:</p><ul>${changed.join("")}</ul>` : "");
  const values = flattenConfig(config);
  const all = describeConfig().flatMap(({ path, unit, description }) => {
    if (path === "data.source") return [];
    const value = `${showValue(values[path])}${unit && unit !== "–" ? ` ${unit}` : ""}`;
    return [[`<code>${text(path)}</code>`, text(value), `<span class="soft">${text(description)}</span>`]];
  });
  return `${differences}${whileRunning}<details><summary>All values</summary>${table([["Value", "This run", "What it is"], ...all])}</details>`;
}

function environment({ sessions }: RunFacts): Html {
  if (sessions.length === 0) return "";
  const rows = sessions.slice(-12).map((session) => [
    text(session.started.slice(0, 16).replace("T", " ")),
    text(`from step ${formatCount(session.fromStep)}`),
    text(session.engine),
    text(machine(session)),
    text(
      `${session.platform}; ${Object.entries(session.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", ")}`,
    ),
  ]);
  return table([["Session (UTC)", "Begins", "Engine", "Machine", "Versions"], ...rows]);
}

/** What a session says of its machine; one in a browser says nothing. */
const machine = ({ cpu, cores, memoryBytes }: TrainingSession): string =>
  [cpu, cores && `${cores} cores`, memoryBytes && formatBytes(memoryBytes)].filter(Boolean).join(", ");

const again = ({ reproduction, config, changes }: RunFacts): Html =>
  `<pre>npx ${text(reproduction.command)}</pre><p class="soft small">${
    config.data.source === null ? "" : "Where the images lie is left out: put their path in. "
  }${changes.some(({ rescue }) => !rescue) ? "The values that were changed by hand while it ran have to be changed again, at the same steps. " : ""}${changes.some(({ rescue }) => rescue) ? "It was begun with the values before the rescue, and with --rescue. " : ""}The same command on the same machine and engine gives the same numbers, bit for bit.</p>`;
