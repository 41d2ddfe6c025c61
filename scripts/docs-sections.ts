/**
 * The parts of docs/ that follow from the code, as Markdown. In a document they stand between `<!-- generated: NAME -->` and
 * `<!-- end -->`; `npm run docs` puts them there, and a test says when a document is behind.
 */
import { input, sizeOf } from "../src/graph/index.ts";
import { PROTOCOLS, type Protocol } from "../src/metrics/protocol.ts";
import { METRICS } from "../src/metrics/registry.ts";
import type { GeneratorName } from "../src/models/registry.ts";
import { type Owned, traceNetwork } from "../src/nn/scope.ts";
import { generate, judge } from "../src/objectives/networks.ts";
import type { StepSettings } from "../src/objectives/settings.ts";
import { configTable } from "../src/training/config/describe.ts";

const RESOLUTION = 32;
const WIDTH = { generator: 256, discriminator: 128 } as const;
type Network = keyof typeof WIDTH;

/** Every generated section by name. */
export const SECTIONS: Readonly<Record<string, () => string>> = {
  configuration: configTable,
  metrics: metricTable,
  protocols: protocolTable,
  "resnet-cifar generator": () => networkTable("resnet-cifar", "generator"),
  "resnet-cifar discriminator": () => networkTable("resnet-cifar", "discriminator"),
  "sngan-resnet generator": () => networkTable("sngan-resnet", "generator"),
  "sngan-resnet discriminator": () => networkTable("sngan-resnet", "discriminator"),
};

/** A document with its generated sections made anew. @throws Error for a section nobody generates, or one without an end */
export function withSections(text: string): string {
  return text.replace(
    /(<!-- generated: ([^>]+) -->\n)[\s\S]*?(<!-- end -->|$(?![\s\S]))/g,
    (_, begin: string, name: string, end: string) => {
      const make = SECTIONS[name];
      if (!make) throw new Error(`no section "${name}": known are ${Object.keys(SECTIONS).join(", ")}`);
      if (end === "") throw new Error(`section "${name}" has no <!-- end -->`);
      return `${begin}\n${make()}\n\n${end}`;
    },
  );
}

/** Names, numbers and sources of the metrics. */
function metricTable(): string {
  const rows = METRICS.map(
    ({ name, description, better, values }) =>
      `| \`${name}\` | ${description} | ${better} | ${values.map(({ key }) => `\`${key}\``).join(", ")} |`,
  );
  return ["| `--metrics` | What it is | Better | Numbers |", "|---|---|---|---|", ...rows].join("\n");
}

/** Everything the protocols differ in. */
function protocolTable(): string {
  const kid = ({ kid: sampling }: Protocol): string =>
    sampling.kind === "blocks"
      ? `blocks of ${number(sampling.size)}`
      : `${sampling.subsets} subsets of ${sampling.size === "equal-parts" ? `1/${sampling.subsets}` : number(sampling.size)}`;
  const reference = ({ reference: { split, most } }: Protocol): string =>
    Number.isFinite(most) ? `${split}, at most ${number(most)}` : `${split}, all`;
  const rows = PROTOCOLS.map((protocol) => {
    const { name, samples, quantisation, resize, repeats, inceptionScoreSplits } = protocol;
    const count = samples === "as-reference" ? "as many" : number(samples);
    return `| \`${name}\` | ${reference(protocol)} | ${count} | ${quantisation} | ${resize} | ${kid(protocol)} | ${inceptionScoreSplits} | ${repeats} |`;
  });
  return [
    "| `--protocol` | Reference | Samples | Quantisation | Resizing | KID | IS splits | Repeats |",
    "|---|---|---|---|---|---|---:|---:|",
    ...rows,
  ].join("\n");
}

const count = (owned: readonly Owned[]): number => owned.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
const number = (n: number): string => n.toLocaleString("en");

/** Layers of a network at 32 × 32 and full width: name, output [C, H, W], tensors, parameters. */
function networkTable(architecture: GeneratorName, network: Network): string {
  const { parameters } = trace(architecture, network);
  const layerOf = (owned: Owned): string => owned.name.split("/")[1]!;
  const layers = [...new Set(parameters.map(layerOf))];
  const rows = layers.map((layer) => {
    const own = parameters.filter((p) => layerOf(p) === layer);
    return `| \`${layer}\` | ${outputOf(network, layer)} | ${tensors(own)} | ${number(count(own))} |`;
  });
  return [
    "| Layer | Output | Tensors | Parameters |",
    "|---|---|---|---:|",
    ...rows,
    `| | | **all** | **${number(count(parameters))}** |`,
  ].join("\n");
}

function trace(architecture: GeneratorName, network: Network) {
  const settings: StepSettings = {
    data: { resolution: RESOLUTION },
    generator: {
      architecture,
      width: WIDTH.generator,
      norm: "batch",
      spectralNorm: false,
      latentSize: 128,
    },
    discriminator: { architecture, width: WIDTH.discriminator, spectralNorm: true },
    objective: { loss: "hinge", selfSupervision: "rotation", alpha: 0.2, beta: 1, rotatedBatch: 64 },
    optimizer: { beta1: 0, beta2: 0.9 },
    training: { batchSize: 64 },
  };
  const traced = traceNetwork(network, true);
  if (network === "generator") generate(traced.scope, input("z", [1, 128]), settings);
  else judge(traced.scope, [input("images", [1, 3, RESOLUTION, RESOLUTION])], settings);
  return traced;
}

function outputOf(network: Network, layer: string): string {
  const width = WIDTH[network];
  const block = Number(/^block(\d+)$/.exec(layer)?.[1] ?? Number.NaN);
  if (network === "generator") {
    if (layer === "fcNoise") return `${width * 16} = ${width} × 4 × 4`;
    const side = Number.isNaN(block) ? RESOLUTION : 4 * 2 ** block;
    return `${layer === "finalConv" ? 3 : width} × ${side} × ${side}`;
  }
  if (Number.isNaN(block)) return layer === "rotation" ? "4" : "1";
  const side = Math.max(8, RESOLUTION / 2 ** block);
  return `${width} × ${side} × ${side}`;
}

/** Kernels and norms with equal shapes together: `conv1, conv2` [256, 256, 3, 3]. Biases are as long as the kernel's first axis. */
function tensors(owned: readonly Owned[]): string {
  const groups = new Map<string, string[]>();
  for (const { name, shape } of owned) {
    const [tensor = "", part = ""] = name.split("/").slice(2).reverse();
    if (tensor === "bias" || tensor === "beta") continue;
    const kind = `${tensor === "gamma" && part ? "gamma, beta " : ""}[${shape.join(", ")}]`;
    const labels = part ? [part] : tensor === "gamma" ? ["gamma", "beta"] : [tensor];
    groups.set(kind, [...(groups.get(kind) ?? []), ...labels]);
  }
  return [...groups].map(([kind, names]) => `${names.map((n) => `\`${n}\``).join(", ")} ${kind}`).join("; ");
}
