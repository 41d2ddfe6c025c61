/** A report on one run or several: one HTML file that can be sent, printed, kept. */

import { quantityName, quantityText, WINDOWS } from "../../base/quantities.ts";
import { formatCount } from "../../base/text/format/index.ts";
import { describedMetrics, protocolSentence } from "../../metrics/describe.ts";
import { commonTask } from "../../objectives/pretext/description.ts";
import { taskOf } from "../../objectives/pretext/registry.ts";
import { flattenConfig } from "../../training/config/check.ts";
import { showValue, withLaterValues } from "../../training/config/describe.ts";
import { steeredPaths, steeredText } from "../../training/loop/control/steered.ts";
import { diffConfigs } from "../../training/run/record/config-diff.ts";
import { comparedCharts } from "./curves.ts";
import { latestEvaluations, quantitiesOf, type RunFacts } from "./facts.ts";
import { FILM_STYLE } from "./film.ts";
import { type Html, page, section, table, text } from "./page.ts";
import { chartGrid, ending, keyFigures, type RunPictures, runSections, subtitle } from "./run-sections.ts";

/** A run with its pictures. */
export interface ReportedRun {
  readonly facts: RunFacts;
  readonly pictures: RunPictures;
}

/**
 * The page. Several runs are compared first, then shown one after another.
 * @param made when, for the foot of the page
 */
export function reportHtml(runs: readonly ReportedRun[], version: string, made: Date): string {
  const [first] = runs as [ReportedRun, ...ReportedRun[]];
  const foot = `<footer class="soft small">Made by Quarterturn ${text(version)} on ${text(made.toISOString().slice(0, 16).replace("T", " "))} UTC. Curves are means over parts of the run where there are more steps than fit.</footer>`;
  if (runs.length === 1) {
    const { facts, pictures } = first;
    const head = `<header><h1>${text(facts.name)}</h1><p class="soft">${subtitle(facts)}</p>${ending(facts)}${keyFigures(facts)}</header>`;
    return page(`${facts.name} – training report`, head + runSections(facts, pictures) + foot, FILM_STYLE);
  }
  const title = `${runs.length} runs compared`;
  const names = runs.map(({ facts }, i) => `<a href="#run${i}">${text(facts.name)}</a>`).join("");
  const head = `<header><h1>${text(title)}</h1><nav>${names}</nav></header>`;
  const articles = runs.map(
    ({ facts, pictures }, i) =>
      `<article id="run${i}"><h1>${text(facts.name)}</h1><p class="soft">${subtitle(facts)}</p>${ending(facts)}${keyFigures(facts)}${runSections(facts, pictures)}</article>`,
  );
  return page(title, head + comparison(runs) + articles.join("\n") + foot, FILM_STYLE);
}

function comparison(runs: readonly ReportedRun[]): Html {
  const all = runs.map(({ facts }) => facts);
  return [
    section("Results", results(all)),
    section("What is different", differences(all)),
    section("Side by side", sideBySide(runs)),
    section("Curves", chartGrid(comparedCharts(all))),
  ].join("\n");
}

function results(all: readonly RunFacts[]): Html {
  const keys = ["taskAccuracyReal", "figures", "diversity", "discriminatorLoss", "generatorLoss"] as const;
  const task = commonTask(all.map(({ config }) => taskOf(config.objective)?.description));
  const rows = all.map((facts) => {
    const values = quantitiesOf(facts);
    return [
      `<b>${text(facts.name)}</b>`,
      text(formatCount(facts.steps.at(-1)?.step ?? 0)),
      ...keys.map((key) => text(values[key] === undefined ? "–" : quantityText(key, values[key]))),
      text(facts.warnings.length),
    ];
  });
  const measured = all.flatMap((facts) =>
    latestEvaluations(facts).flatMap((evaluation) =>
      describedMetrics(evaluation).map(({ title, value }) => ({
        group: `${title}, ${protocolSentence(evaluation)}, ${evaluation.weights} weights`,
        cells: [
          `<b>${text(facts.name)}</b>`,
          text(formatCount(evaluation.step)),
          text(title),
          `<b>${text(value)}</b>`,
          text(`${protocolSentence(evaluation)}, ${evaluation.weights} weights`),
        ],
      })),
    ),
  );
  const groups = [...new Set(measured.map(({ group }) => group))];
  const sorted = groups.flatMap((group) =>
    measured.filter((each) => each.group === group).map(({ cells }) => cells),
  );
  return (
    table([["Run", "Steps", ...keys.map((key) => quantityName(key, task)), "Warnings"], ...rows]) +
    `<p class="soft small">Accuracies and losses: ${WINDOWS.recent}. Diversity: ${WINDOWS.newest}.</p>` +
    (sorted.length > 0 ? table([["Run", "Step", "Metric", "Value", "Protocol"], ...sorted]) : "")
  );
}

/** Values in which not all runs agree. */
function differences(all: readonly RunFacts[]): Html {
  const [first, ...others] = all as [RunFacts, ...RunFacts[]];
  const paths = [
    ...new Set([
      ...others.flatMap(({ config }) => diffConfigs(first.config, config).map(({ path }) => path)),
      ...all.flatMap(({ changes }) => steeredPaths(changes)),
    ]),
  ].filter((path) => path !== "data.source" && !path.startsWith("engine."));
  const flat = new Map(all.map((facts) => [facts, withLaterValues(flattenConfig(facts.config))]));
  const value = (facts: RunFacts, path: string): string =>
    steeredText(showValue(flat.get(facts)![path]), path, facts.changes);
  const rows = paths
    .map((path) => ({ path, values: all.map((facts) => value(facts, path)) }))
    // A value that did not exist when one of them was begun may be what it did all the same.
    .filter(({ values }) => new Set(values).size > 1)
    .map(({ path, values }) => [`<code>${text(path)}</code>`, ...values.map(text)]);
  if (all.some(({ data }) => data !== first.data))
    rows.unshift(["images", ...all.map(({ data }) => text(data))]);
  if (rows.length === 0) return `<p class="soft">Nothing: the configurations are equal.</p>`;
  return table([["Value", ...all.map(({ name }) => text(name))], ...rows]);
}

function sideBySide(runs: readonly ReportedRun[]): Html {
  const figures = runs.flatMap(({ facts, pictures }) => {
    const last = pictures.grids.at(-1);
    if (!last) return [];
    const alt = `Images generated by ${facts.name}`;
    return `<figure><img src="${last.url}" width="${last.width}" height="${last.height}" alt="${text(alt)}"><figcaption>${text(`${facts.name}, step ${formatCount(last.step)}`)}</figcaption></figure>`;
  });
  return figures.length > 0 ? `<div class="pair">${figures.join("")}</div>` : "";
}
