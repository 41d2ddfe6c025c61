/**
 * What is drawn over the curves of a chart: chosen and changed steps, levels worth knowing, values
 * beyond the axis.
 */
import type uPlot from "uplot";
import type { ChartLook, Line } from "./chart.ts";
import { cutValues } from "./range.ts";

/** What is marked. */
export interface Marks {
  readonly lines: readonly Line[];
  readonly look: ChartLook;
  /** Places on the horizontal axis: the chosen one, and those where values were changed. */
  readonly chosen: number | undefined;
  readonly changes: readonly number[];
}

/**
 * Draw the marks of a chart onto its canvas.
 * @param color the value of a CSS variable, with an opacity
 */
export function drawMarks(
  u: uPlot,
  { lines, look, chosen, changes }: Marks,
  color: (tone: string, alpha?: number) => string,
): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  const stroke = (
    from: readonly [number, number],
    to: readonly [number, number],
    style: string,
    dash: number[],
  ) => {
    ctx.strokeStyle = style;
    ctx.setLineDash(dash.map((length) => length * ratio));
    ctx.lineWidth = ratio;
    ctx.beginPath();
    ctx.moveTo(...from);
    ctx.lineTo(...to);
    ctx.stroke();
  };
  const vertical = (at: number, style: string, dash: number[]) => {
    const x = Math.round(u.valToPos(at, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    stroke([x, bbox.top], [x, bbox.top + bbox.height], style, dash);
  };
  ctx.save();
  for (const at of changes) vertical(at, color("--warn"), [3, 3]);
  if (chosen !== undefined) vertical(chosen, color("--ink", 0.45), []);
  for (const level of look.levels ?? []) {
    const y = Math.round(u.valToPos(level.value, "y", true));
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    stroke([bbox.left, y], [bbox.left + bbox.width, y], color("--muted", 0.6), [2, 4]);
  }
  // What the axis leaves out is marked at its edge.
  for (const { step, above, tone } of cutValues(u, lines)) {
    const x = u.valToPos(step, "x", true);
    const [edge, away] = above ? [bbox.top, -1] : [bbox.top + bbox.height, 1];
    ctx.fillStyle = color(tone);
    ctx.beginPath();
    ctx.moveTo(x, edge + away * 6 * ratio);
    ctx.lineTo(x - 4 * ratio, edge);
    ctx.lineTo(x + 4 * ratio, edge);
    ctx.fill();
  }
  ctx.restore();
}
