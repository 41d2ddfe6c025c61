/**
 * Tables of the networks for docs/architectures.md: traced at full width, so that they cannot
 * disagree with the code.
 */
import { input, sizeOf, type Tensor, topologicalOrder } from "../src/graph/index.ts";
import type { DiscriminatorArchitecture } from "../src/models/model.ts";
import { DISCRIMINATORS, GENERATORS, type GeneratorName } from "../src/models/registry.ts";
import { type NetworkTrace, type Owned, traceNetwork } from "../src/nn/scope.ts";
import { ROTATION } from "../src/objectives/pretext/rotation.ts";

type Network = "generator" | "discriminator";

const LATENTS = 128;
const number = (n: number): string => n.toLocaleString("en");
const count = (owned: readonly Owned[]): number => owned.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
const layerOf = ({ name }: Owned): string => name.split("/")[1]!;

/** A traced network and what each of its layers gives. */
interface Traced {
  readonly trace: NetworkTrace;
  readonly outputOf: (layer: string) => string;
}

/** Batch norm, no conditioning, full width. */
function traceGenerator(name: GeneratorName, resolution: number): Traced {
  const trace = traceNetwork("generator", true);
  const architecture = GENERATORS[name];
  const width = architecture.fullWidth(resolution);
  const images = architecture.build(
    trace.scope,
    { z: input("z", [1, LATENTS]), classes: undefined },
    { resolution, width, norm: "batch", spectralNorm: false, hierarchicalLatent: false },
  );
  const order = topologicalOrder([images]);
  const madeWith = (kernel: Owned | undefined): Tensor | undefined =>
    order.find(({ inputs }) => kernel && inputs[1] === kernel.leaf);
  let before = "";
  return {
    trace,
    outputOf(layer) {
      const own = (part: string) => trace.parameters.find((p) => p.name === `generator/${layer}/${part}`);
      const first = own("kernel")?.shape[0] ?? 0;
      const side = Math.sqrt(first / width);
      const map = madeWith(own("conv2/kernel") ?? own("kernel"))
        ?.shape.slice(1)
        .join(" × ");
      // A norm changes no shape.
      before = layer === "fcNoise" ? `${first} = ${width} × ${side} × ${side}` : (map ?? before);
      return before;
    },
  };
}

/** Spectral norm, real/fake and rotation heads, full width. */
function traceDiscriminator(name: GeneratorName, resolution: number): Traced {
  const trace = traceNetwork("discriminator", true);
  const architecture: DiscriminatorArchitecture = DISCRIMINATORS[name];
  const options = { width: architecture.fullWidth(resolution), norm: "none", spectralNorm: true } as const;
  const images = input("images", [1, 3, resolution, resolution]);
  const features = architecture.features(trace.scope, images, options);
  const { blocks, pooled } = features;
  if (architecture.patches) architecture.patches(trace.scope.child("patches"), features, options);
  else architecture.head(trace.scope.child("finalFc"), pooled, 1, options);
  architecture.head(trace.scope.child(ROTATION.key), pooled, ROTATION.classNames.length, options);
  return {
    trace,
    outputOf(layer) {
      const block = blocks[Number(/\d+$/.exec(layer)?.[0]) - 1];
      return block ? block.shape.slice(1).join(" × ") : layer === ROTATION.key ? "4" : "1";
    },
  };
}

const traceOf = (name: GeneratorName, network: Network, resolution: number): Traced =>
  network === "generator" ? traceGenerator(name, resolution) : traceDiscriminator(name, resolution);

/** Layers of a network at full width: name, output [C, H, W], tensors, parameters. */
export function networkTable(name: GeneratorName, network: Network, resolution: number): string {
  const { trace, outputOf } = traceOf(name, network, resolution);
  const { parameters } = trace;
  const rows = [...new Set(parameters.map(layerOf))].map((layer) => {
    const own = parameters.filter((p) => layerOf(p) === layer);
    return `| \`${layer}\` | ${outputOf(layer)} | ${tensors(own)} | ${number(count(own))} |`;
  });
  return [
    "| Layer | Output | Tensors | Parameters |",
    "|---|---|---|---:|",
    ...rows,
    `| | | **all** | **${number(count(parameters))}** |`,
  ].join("\n");
}

/**
 * All architectures: range of the images, and widths and parameters for every side; equal ones on
 * one line.
 */
export function overview(): string {
  const sides = new Map<string, number[]>();
  for (const name of Object.keys(GENERATORS) as GeneratorName[])
    for (const side of GENERATORS[name].resolutions) {
      const [g, d] = [GENERATORS[name], DISCRIMINATORS[name]];
      const size = (network: Network): string => number(count(traceOf(name, network, side).trace.parameters));
      const range = g.imageRange === "unit" ? "[0, 1]" : "[−1, 1]";
      const line =
        `| \`${name}\` | ${range} | SIDES | ${g.fullWidth(side)} | ${g.widthStep(side)} | ${size("generator")} ` +
        `| ${d.fullWidth(side)} | ${size("discriminator")} |`;
      sides.set(line, [...(sides.get(line) ?? []), side]);
    }
  return [
    "| Architecture | Images | Side | G width | in steps of | G parameters | D width | D parameters |",
    "|---|---|---:|---:|---:|---:|---:|---:|",
    ...[...sides].map(([line, equal]) => line.replace("SIDES", equal.join(", "))),
  ].join("\n");
}

/**
 * Kernels and norms with equal shapes together: `conv1, conv2` [256, 256, 3, 3]. Biases are as long
 * as a layer's output channels.
 */
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
