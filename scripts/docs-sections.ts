/**
 * The parts of docs/ that follow from the code, as Markdown. In a document they stand between `<!--
 * generated: NAME -->` and `<!-- end -->`; `npm run docs` puts them there, and a test says when a
 * document is behind.
 */
import { configTable } from "../src/training/config/describe.ts";
import { metricTable, protocolTable } from "./docs-metrics.ts";
import { networkTable, overview } from "./docs-networks.ts";
import { quantityTable } from "./docs-quantities.ts";
import { resultSections } from "./docs-results.ts";

/** Every generated section by name. */
export const SECTIONS: Readonly<Record<string, () => string>> = {
  configuration: configTable,
  metrics: metricTable,
  quantities: quantityTable,
  protocols: protocolTable,
  architectures: overview,
  "resnet-cifar generator": () => networkTable("resnet-cifar", "generator", 32),
  "resnet-cifar discriminator": () => networkTable("resnet-cifar", "discriminator", 32),
  "resnet5 generator": () => networkTable("resnet5", "generator", 128),
  "resnet5 discriminator": () => networkTable("resnet5", "discriminator", 128),
  "resnet-stl generator": () => networkTable("resnet-stl", "generator", 48),
  "resnet-stl discriminator": () => networkTable("resnet-stl", "discriminator", 48),
  "sngan-resnet generator": () => networkTable("sngan-resnet", "generator", 32),
  "sngan-resnet discriminator": () => networkTable("sngan-resnet", "discriminator", 32),
  "sngan-resnet generator 128": () => networkTable("sngan-resnet", "generator", 128),
  "sngan-resnet discriminator 128": () => networkTable("sngan-resnet", "discriminator", 128),
  "zq-resnet generator": () => networkTable("zq-resnet", "generator", 32),
  "zq-resnet discriminator": () => networkTable("zq-resnet", "discriminator", 32),
  "sndcgan generator": () => networkTable("sndcgan", "generator", 32),
  "sndcgan discriminator": () => networkTable("sndcgan", "discriminator", 32),
  "dcgan generator": () => networkTable("dcgan", "generator", 64),
  "dcgan discriminator": () => networkTable("dcgan", "discriminator", 64),
  ...resultSections(),
};

/**
 * A document with its generated sections made anew.
 * @throws Error for a section nobody generates, or one without an end
 */
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
