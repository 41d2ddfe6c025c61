/** A chart as a file: its values as CSV, what is seen of it as a picture. */
import type uPlot from "uplot";
import { type AxisKind, axisLook } from "./axis.ts";
import type { Line } from "./chart.ts";

/** A cell of a CSV file (RFC 4180). */
const cell = (value: string | number | null | undefined): string => {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/**
 * The values of all lines, as they were measured and not smoothed: a row a place on the axis, a
 * column a line, and two for its bounds where it has some.
 */
export function csvOf(lines: readonly Line[], along: AxisKind): string {
  const columns = lines.flatMap(({ label, title, steps, values, min, max }) => {
    const name = title ?? label;
    const column = (heading: string, numbers: readonly (number | null)[]) => ({
      heading,
      at: new Map(steps.map((step, i) => [step, numbers[i]])),
    });
    const bounds = min && max ? [column(`${name} (least)`, min), column(`${name} (greatest)`, max)] : [];
    return [column(name, values), ...bounds];
  });
  const places = [...new Set(lines.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
  const unit =
    along === "time"
      ? "seconds"
      : axisLook(along)
          .name.toLowerCase()
          .replace(/^steps$/, "step");
  const rows = [
    [unit, ...columns.map(({ heading }) => heading)],
    ...places.map((place) => [place, ...columns.map(({ at }) => at.get(place))]),
  ];
  return `${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** Pixels around the curves, before the screen's scale. */
const MARGIN = 16;
const LINE = 20;

/**
 * What is seen of a chart, with its title and the names of its lines above.
 * @param texts of the lines: name and value
 */
export function pictureOf(
  { ctx: { canvas } }: uPlot,
  title: string,
  texts: readonly { readonly text: string; readonly tone: string }[],
  color: (tone: string, alpha?: number) => string,
): Promise<Blob> {
  const ratio = devicePixelRatio;
  const head = 2 * LINE + texts.length * LINE;
  const made = document.createElement("canvas");
  made.width = canvas.width + 2 * MARGIN * ratio;
  made.height = canvas.height + (head + MARGIN) * ratio;
  const context = made.getContext("2d")!;
  context.fillStyle = color("--card");
  context.fillRect(0, 0, made.width, made.height);
  context.scale(ratio, ratio);
  context.fillStyle = color("--ink");
  context.font = "600 15px system-ui, sans-serif";
  context.fillText(title, MARGIN, LINE + 6);
  context.font = "13px system-ui, sans-serif";
  for (const [i, { text, tone }] of texts.entries()) {
    const y = LINE * (i + 2) + 6;
    context.fillStyle = color(tone);
    context.fillRect(MARGIN, y - 6, 14, 3);
    context.fillStyle = color("--ink");
    context.fillText(text, MARGIN + 22, y);
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(canvas, MARGIN * ratio, head * ratio);
  return new Promise((resolve, reject) =>
    made.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("The browser made no picture."))),
      "image/png",
    ),
  );
}
