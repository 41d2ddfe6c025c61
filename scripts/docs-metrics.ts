/** The tables of docs/metrics.md that follow from the registries. */
import { PROTOCOLS, type Protocol } from "../src/metrics/protocol.ts";
import { METRICS } from "../src/metrics/registry.ts";

const number = (n: number): string => n.toLocaleString("en");

/** Names, numbers and sources of the metrics. */
export function metricTable(): string {
  const rows = METRICS.map(
    ({ name, description, better, values }) =>
      `| \`${name}\` | ${description} | ${better} | ${values.map(({ key }) => `\`${key}\``).join(", ")} |`,
  );
  return ["| `--metrics` | What it is | Better | Numbers |", "|---|---|---|---|", ...rows].join("\n");
}

/** Everything the protocols differ in. */
export function protocolTable(): string {
  const kid = ({ kid: sampling }: Protocol): string =>
    sampling.kind === "blocks"
      ? `blocks of ${number(sampling.size)}`
      : `${sampling.subsets} subsets of ${sampling.size === "equal-parts" ? `1/${sampling.subsets}` : number(sampling.size)}`;
  const reference = ({ reference: { split, max } }: Protocol): string =>
    Number.isFinite(max) ? `${split}, at most ${number(max)}` : `${split}, all`;
  const rows = PROTOCOLS.map((protocol) => {
    const { name, samples, quantisation, resize, repeats, inceptionScoreSplits } = protocol;
    const count = samples === "as-reference" ? "as many" : number(samples);
    return `| \`${name}\` | ${reference(protocol)} | ${count} | ${quantisation} | ${resize} | ${kid(protocol)} | ${inceptionScoreSplits} | ${repeats} |`;
  });
  return [
    "| `--protocol` | Reference | Samples | Quantization | Resizing | KID | IS splits | Repeats |",
    "|---|---|---|---|---|---|---:|---:|",
    ...rows,
  ].join("\n");
}
