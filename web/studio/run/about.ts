/** What a run is, in a few words. */
import { metricName, metricText } from "../../../src/base/metric-quantities.ts";
import { formatCount, formatCountOf, formatDuration } from "../../../src/base/text/format/index.ts";
import type { RunDetail } from "../../../src/studio/protocol.ts";

/** A part of the line; the title says more. */
interface Part {
  readonly text: string;
  readonly title?: string;
}

/** Images, networks, machine, time and the best numbers; what is not known is left out. */
export function aboutRun({
  config,
  sessions,
  latest,
  evaluations,
  task,
}: Pick<RunDetail, "config" | "sessions" | "latest" | "evaluations" | "task">): Part[] {
  const last = sessions.at(-1);
  const side = config["data.resolution"];
  const images = last?.images;
  const architectures = [config["generator.architecture"], config["discriminator.architecture"]];
  const networks =
    architectures[0] === architectures[1] ? String(architectures[0]) : architectures.join(" and ");
  return [
    {
      text: images
        ? `${formatCountOf(images.count, "image")} of ${images.name} at ${side} × ${side}`
        : `${side} × ${side} pixels`,
    },
    {
      text: `${networks} ${config["generator.width"]}/${config["discriminator.width"]}`,
      title: "Architecture, and widths of generator and discriminator",
    },
    { text: task ? `${task.title.toLowerCase()} task` : "no pretext task" },
    ...(last
      ? [
          {
            text: last.engine.split(/[,(]/)[0]!.trim(),
            title: [last.engine, last.cpu].filter(Boolean).join("; "),
          },
        ]
      : []),
    ...timeOf(sessions, latest ?? 0),
    ...bestOf(evaluations),
  ];
}

/** How long it took; of several sessions, which have pauses between them, when the first began. */
function timeOf(sessions: RunDetail["sessions"], latest: number): Part[] {
  const began = Date.parse(sessions[0]?.started ?? "");
  if (Number.isNaN(began)) return [];
  const title = `Begun ${new Date(began).toLocaleString("en", { dateStyle: "long", timeStyle: "short" })}`;
  if (sessions.length > 1) return [{ text: `${sessions.length} sessions`, title }];
  return latest > began ? [{ text: formatDuration((latest - began) / 1000), title }] : [];
}

/** The lowest FID, or where there is none KID. */
function bestOf(evaluations: RunDetail["evaluations"]): Part[] {
  for (const key of ["fid", "kid"] as const) {
    const measured = evaluations.flatMap(({ metrics, features, step, protocol }) =>
      metrics[key] ? [{ value: metrics[key].mean, features: features.name, step, protocol }] : [],
    );
    const best = measured.toSorted((a, b) => a.value - b.value)[0];
    if (best)
      return [
        {
          text: `best ${metricName(key, best.features)} ${metricText(key, best.value)}`,
          title: `After step ${formatCount(best.step)}, settings of ${best.protocol}`,
        },
      ];
  }
  return [];
}
