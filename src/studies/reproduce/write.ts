/** Puts a report on the disk: table as Markdown, CSV and JSON, figure as SVG and PNG. */

import { join } from "node:path";
import { writeFileWhole } from "../../base/disk/files.node.ts";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { lineChartsSvg } from "../figures/line-chart.ts";
import { svgToPng } from "../figures/png.ts";
import { reportCsv, reportMarkdown } from "./markdown.ts";
import type { Report } from "./report.ts";

/**
 * Write a report into `folder`. Charts without any point are left out, and the figure with them
 * where none is left.
 * @returns the files
 */
export async function writeReport(report: Report, folder: string): Promise<string[]> {
  const charts = report.charts.filter(({ series }) => series.some(({ points }) => points.length > 0));
  const svg = charts.length > 0 ? lineChartsSvg(charts) : undefined;
  const name = report.experiment;
  const files: readonly (readonly [string, string | Uint8Array])[] = [
    [`${name}.md`, `${reportMarkdown(report)}\n`],
    [`${name}.csv`, reportCsv(report)],
    [`${name}.json`, `${JSON.stringify(report, null, 2)}\n`],
    ...(svg === undefined
      ? []
      : ([
          [`${name}.svg`, svg],
          [`${name}.png`, svgToPng(svg)],
        ] as const)),
  ];
  await makeFolder(folder);
  for (const [file, content] of files) await writeFileWhole(join(folder, file), content);
  return files.map(([file]) => join(folder, file));
}
