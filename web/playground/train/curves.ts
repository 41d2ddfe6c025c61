/** The numbers of a run over its steps, as the charts take them. */

import type { RecordLine, StepEvent } from "../../../src/training/events.ts";
import type { Line } from "../../common/chart.ts";

type Network = "discriminator" | "generator";

/** A curve: which number, what to call it, in which colour. */
interface Curve {
  readonly network: Network;
  readonly name: string;
  readonly label: string;
  readonly tone: string;
}

/** Charts of the page, each with what it means. */
export const CHARTS = [
  {
    title: "Losses",
    curves: [
      { network: "discriminator", name: "loss", label: "discriminator", tone: "--tone-2" },
      { network: "generator", name: "loss", label: "generator", tone: "--tone-1" },
    ],
    look: {},
    explain: {
      what: "What each network tries to make small",
      good: "Both move and neither runs away; they push against each other, so they do not fall to zero.",
      bad: "The discriminator's goes to zero and stays: it has won, and the generator learns nothing any more.",
    },
  },
  {
    title: "Rotation accuracy",
    curves: [
      { network: "discriminator", name: "rotationAccuracyReal", label: "real images", tone: "--tone-2" },
      { network: "generator", name: "rotationAccuracyFake", label: "generated images", tone: "--tone-1" },
    ],
    look: {
      range: [0, 1],
      levels: [{ value: 0.25, label: "guessing" }],
      format: (value: number) => `${Math.round(100 * value)}%`,
    },
    explain: {
      what: "How often the discriminator tells by which quarter turn an image is turned",
      good: "It rises well above 25% on real images, and the generated ones follow: they have an up and a down.",
      bad: "It stays at 25%: perhaps the images have no upright side, as textures and views from above.",
    },
  },
  {
    title: "Taken for real",
    curves: [
      { network: "discriminator", name: "real", label: "real images", tone: "--tone-2" },
      { network: "discriminator", name: "fake", label: "generated images", tone: "--tone-1" },
    ],
    look: { range: [0, 1], format: (value: number) => `${Math.round(100 * value)}%` },
    explain: {
      what: "How real the discriminator thinks an image is, on average",
      good: "The two curves stay near each other: it finds it hard to tell.",
      bad: "One at 100% and the other at 0%: it tells without error.",
    },
  },
] as const satisfies readonly {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly look: object;
  readonly explain: object;
}[];

/** Points a curve is drawn with at the most. */
const MOST = 600;

/** Lines of a chart from the steps of a record, thinned out by averaging neighbours. */
export function linesOf(steps: readonly StepEvent[], curves: readonly Curve[]): Line[] {
  const each = Math.max(1, Math.ceil(steps.length / MOST));
  const buckets: StepEvent[][] = [];
  for (let i = 0; i < steps.length; i += each) buckets.push(steps.slice(i, i + each));
  return curves.map(({ network, name, label, tone }) => ({
    label,
    tone,
    steps: buckets.map((bucket) => bucket.at(-1)!.step),
    values: buckets.map((bucket) => {
      const values = bucket.flatMap((event) => event[network][name] ?? []);
      return values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : null;
    }),
  }));
}

/** The steps of a record. */
export const stepsOf = (record: readonly RecordLine[]): StepEvent[] =>
  record.filter((line) => line.kind === "step");
