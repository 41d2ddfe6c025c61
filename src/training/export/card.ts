/**
 * The card of an exported model: `README.md` with the front matter that the Hugging Face hub reads
 * (huggingface.co/docs/hub/model-cards), and below it what a person should know before using the
 * files.
 */
import { stringify } from "yaml";
import { NO_TELEMETRY } from "../../base/processes/telemetry.ts";
import { formatCount } from "../../base/text/format/index.ts";
import { describedMetrics, protocolSentence } from "../../metrics/describe.ts";
import { auxiliaryTerms } from "../../objectives/auxiliary/list.ts";
import { taskOf } from "../../objectives/pretext/registry.ts";
import type { Config } from "../config/schema.ts";
import type { EvaluationEvent } from "../events.ts";
import { evaluationDistribution } from "../settings.ts";
import { labelRange } from "./label-range.ts";

/** What a card is made of. */
export interface CardFacts {
  readonly name: string;
  /** Without places on anybody's disk. */
  readonly config: Omit<Config, "engine">;
  readonly step: number;
  readonly averaged: boolean;
  readonly classNames?: readonly string[] | undefined;
  /** Files beside the card, with what each is. */
  readonly files: readonly { readonly name: string; readonly size: string; readonly what: string }[];
  /** Measurements of this very model, or of the nearest step before it. */
  readonly evaluations: readonly EvaluationEvent[];
  /** How to train one like it. */
  readonly command: string;
  /** An identifier of the hub, for example `mit`. */
  readonly license: string;
  readonly version: string;
  /** Images it was trained on, in words. */
  readonly data: string;
}

/** The package that runs ONNX files in Node. */
const NODE_RUNTIME = "onnxruntime-node";

/** The card as Markdown. */
export function modelCard(facts: CardFacts): string {
  const sections = [
    `# ${facts.name}`,
    introduction(facts),
    ...(facts.files.some(({ name }) => name === "samples.png")
      ? ["![Samples, not selected](samples.png)"]
      : []),
    section("Files", filesTable(facts)),
    section("Use", usage(facts)),
    section("Measurements", measurements(facts)),
    section("Data", dataNote(facts)),
    section("Training", training(facts)),
    section("Limitations", limitations(facts)),
  ];
  return `---\n${stringify(frontMatter(facts))}---\n\n${sections.join("\n\n")}\n`;
}

const section = (title: string, text: string): string => `## ${title}\n\n${text}`;

function frontMatter(facts: CardFacts): object {
  const task = taskOf(facts.config.objective)?.description;
  return {
    license: facts.license,
    library_name: "onnx",
    pipeline_tag: "unconditional-image-generation",
    tags: [
      "gan",
      ...(task?.answers ? ["ss-gan", "self-supervised"] : []),
      ...(task ? [`arxiv:${task.arxiv}`] : []),
      ...new Set(auxiliariesOf(facts).map(({ arxiv }) => `arxiv:${arxiv}`)),
      "onnx",
      "safetensors",
      "quarterturn",
    ],
    ...(facts.evaluations.length > 0 && { "model-index": [modelIndex(facts)] }),
  };
}

const auxiliariesOf = ({ config }: CardFacts) =>
  auxiliaryTerms(config.objective.auxiliary).map(({ auxiliary }) => auxiliary.description);

function modelIndex({ name, data, evaluations }: CardFacts): object {
  return {
    name,
    results: evaluations.map((evaluation) => ({
      task: { type: "unconditional-image-generation" },
      dataset: { name: data, type: evaluation.reference.data, split: evaluation.reference.split },
      metrics: describedMetrics(evaluation).map(({ key, title, mean }) => ({
        type: metricType(key, evaluation),
        name: `${title} (${protocolSentence(evaluation)})`,
        value: mean,
      })),
    })),
  };
}

/**
 * On the hub `fid` means Inception's features; a number from others must not stand beside those.
 */
const metricType = (key: string, { features }: EvaluationEvent): string =>
  /^inception/i.test(features.name) ? key : `${key}-${features.name}`;

function introduction({ config, step, averaged, version }: CardFacts): string {
  const { generator, discriminator, data } = config;
  const kind = taskOf(config.objective)?.description.kind ?? "A GAN";
  return (
    `${kind} for images of ${data.resolution}×${data.resolution} pixels: generator \`${generator.architecture}\` of width ${generator.width}, discriminator ` +
    `\`${discriminator.architecture}\` of width ${discriminator.width}, after ${formatCount(step)} generator steps (${averaged ? "averaged" : "latest"} weights). Trained with Quarterturn ${version}.`
  );
}

const filesTable = ({ files }: CardFacts): string =>
  [
    "| File | Size | What it is |",
    "|---|---|---|",
    ...files.map(({ name, size, what }) => `| \`${name}\` | ${size} | ${what} |`),
  ].join("\n");

function usage(facts: CardFacts): string {
  const has = (file: string): boolean => facts.files.some(({ name }) => name === file);
  const parts = [
    ...(has("generator.onnx") ? [generatorUse(facts)] : []),
    ...(has("discriminator.onnx") ? [discriminatorUse(facts)] : []),
    ...(has("weights.safetensors") ? [weightsUse] : []),
  ];
  return parts.length > 0 ? parts.join("\n\n") : "Export the networks with `quarterturn export`.";
}

function generatorUse({ config, classNames, files }: CardFacts): string {
  const { latentSize } = config.generator;
  const { resolution: side, classes } = config.data;
  const normal = evaluationDistribution(config) === "normal";
  const draw = normal
    ? "Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())"
    : "2 * Math.random() - 1";
  const numpy = normal
    ? `standard_normal((16, ${latentSize}), "float32")`
    : `uniform(-1, 1, (16, ${latentSize})).astype("float32")`;
  const [jsLabels, pyLabels] =
    classes > 0
      ? [
          `\nconst labels = new ort.Tensor("int64", BigInt64Array.from({ length: 16 }, (_, i) => BigInt(i % ${classes})), [16]);`,
          `, "labels": np.arange(16, dtype="int64") % ${classes}`,
        ]
      : ["", ""];
  const told =
    classes > 0
      ? ` and \`labels\` int64 [batch], the class of each image, 0 to ${classes - 1}${classNames ? ` (${classNames.join(", ")})` : ""}`
      : "";
  const browser = files.some(({ name }) => name === "example.html")
    ? " `example.html` shows images in a page, all in one file: open it, no server and no network are needed."
    : "";
  return `The generator takes \`z\` float32 [batch, ${latentSize}], each number from ${normal ? "N(0, 1)" : "U(−1, 1)"}${told}, and gives \`images\` uint8 [batch, 3, ${side}, ${side}], RGB, 0 to 255. Any batch size.

Node (\`npm install onnxruntime-node\`) and, with \`onnxruntime-web\` in its place, browsers. On Linux and macOS onnxruntime-node queues telemetry for upload, the metadata of the model included, unless \`${NO_TELEMETRY.name}=${NO_TELEMETRY.value}\` is in the environment:

\`\`\`js
import * as ort from "${NODE_RUNTIME}";
const session = await ort.InferenceSession.create("generator.onnx");
const numbers = Float32Array.from({ length: 16 * ${latentSize} }, () => ${draw});
const z = new ort.Tensor("float32", numbers, [16, ${latentSize}]);${jsLabels}
const { images } = await session.run({ z${classes > 0 ? ", labels" : ""} }); // images.data: Uint8Array
\`\`\`
${browser ? `\n${browser.trim()}\n` : ""}
Python (\`pip install onnxruntime numpy pillow\`):

\`\`\`python
import numpy as np, onnxruntime as ort
from PIL import Image
session = ort.InferenceSession("generator.onnx")
z = np.random.default_rng(0).${numpy}
images, = session.run(None, {"z": z${pyLabels}})
Image.fromarray(np.concatenate(images.transpose(0, 2, 3, 1), axis=1)).save("images.png")
\`\`\``;
}

function discriminatorUse({ config }: CardFacts): string {
  const { resolution: side } = config.data;
  const told = config.discriminator.conditioning !== "none";
  const task = taskOf(config.objective);
  const answers = task?.answers && task.description;
  return `The discriminator takes \`images\` uint8 [batch, 3, ${side}, ${side}] (as the generator gives them)${told ? ` and \`labels\` int64 [batch], ${labelRange(config)}` : ""}, and says: \`score\` [batch], the real/fake logit (higher is more real)${
    answers ? `; \`${answers.key}\` [batch, ${answers.classNames.length}], logits of ${answers.classes}` : ""
  }; \`block1\`, \`block2\`, … [batch, C], the mean of each block's map before the next activation, and \`pooled\`, what the heads read: features for other tasks.

\`\`\`python
judge = ort.InferenceSession("discriminator.onnx")
features, = judge.run(["pooled"], {"images": images${told ? `, "labels": np.zeros(len(images), "int64")` : ""}})
\`\`\``;
}

const weightsUse =
  "`weights.safetensors` holds both networks as float32 tensors: convolution kernels [out, in, height, width], linear kernels [out, in], names as in `generator/block1/conv1/kernel`; the moving average of the generator below `ema/` and its standing statistics below `standing/`, where there are any. Kernels under spectral normalization are stored as trained; divide by the norm that `u` leads to.";

function measurements({ evaluations, step }: CardFacts): string {
  if (evaluations.length === 0)
    return "None were made. `quarterturn evaluate RUN` measures FID, KID, precision and recall under a stated protocol.";
  const rows = evaluations.flatMap((evaluation) =>
    describedMetrics(evaluation).map(
      ({ title, value, better }) =>
        `| ${title} (${better} is better) | ${value} | ${formatCount(evaluation.step)}, ${evaluation.weights} | ${protocolSentence(evaluation)} |`,
    ),
  );
  const other = evaluations.some((evaluation) => evaluation.step !== step);
  const warnings = [...new Set(evaluations.flatMap((evaluation) => evaluation.warnings))];
  return [
    `| Metric | Value | Step, weights | Protocol |\n|---|---|---|---|\n${rows.join("\n")}`,
    ...(other ? [`These were measured at another step than the ${formatCount(step)} of the files.`] : []),
    ...warnings.map((warning) => `> ${warning}`),
    "Numbers of different protocols or feature networks cannot be compared.",
  ].join("\n\n");
}

const training = (facts: CardFacts): string => {
  const { command, config } = facts;
  return `${recipe(facts)}\n\nTo train one like it:\n\n\`\`\`sh\nnpx ${command}\n\`\`\`\n\n<details><summary>The whole configuration</summary>\n\n\`\`\`yaml\n${stringify(config)}\`\`\`\n\n</details>`;
};

/**
 * The license of a model, as the hub calls it, where its images are known to allow one: those that
 * come with the package are under MIT's. Of others nobody but their owner can say.
 * @param source `data.source` of the run
 */
export const knownLicense = (source: string | null): string => (source === null ? "mit" : "unknown");

const dataNote = ({ data, config }: CardFacts): string =>
  `Trained on ${data}, each made ${config.data.resolution}×${config.data.resolution} pixels by \`${config.data.preprocessing}\` and \`${config.data.resize}\`. ` +
  (config.data.source === null
    ? "They are Microsoft's Fluent emoji in 3D under the MIT license, from the npm package `@lobehub/fluent-emoji-3d`. They are not part of these files."
    : "The images themselves are not part of these files. Whoever publishes the model should say here where they come from, under which license, and whether the people in them agreed.");

/** The training in a sentence or two, for who does not read the whole configuration. */
function recipe(facts: CardFacts): string {
  const { objective, optimizer, training: plan } = facts.config;
  const { loss, penalty, selfSupervision, auxiliary } = objective;
  const sources = auxiliariesOf(facts).map(
    ({ title, arxiv }) => `${title}: [arXiv ${arxiv}](https://arxiv.org/abs/${arxiv})`,
  );
  const parts = [
    `${formatCount(plan.steps)} generator steps planned, batches of ${plan.batchSize}`,
    `loss ${loss}${penalty === "none" ? "" : `, penalty ${penalty}`}`,
    selfSupervision === "none" ? "no self-supervision" : `self-supervision: ${selfSupervision}`,
    ...(auxiliary === "none" ? [] : [`auxiliary losses ${auxiliary} (${sources.join(", ")})`]),
    `Adam, learning rate ${optimizer.learningRate}`,
    plan.ema > 0 ? `moving average of the weights ${plan.ema}` : "no moving average of the weights",
  ];
  return `Recipe: ${parts.join("; ")}.`;
}

function limitations({ config }: CardFacts): string {
  const { resolution } = config.data;
  const items = [
    `Images are ${resolution}×${resolution} pixels; the network makes no other size.`,
    "It reproduces what its training images show, with their gaps and prejudices, and may come close to single ones of them, the more so the fewer they were.",
    "Samples far from the middle of the latent distribution are often malformed; drawing `z` nearer to 0 (truncation) gives fewer odd images and less variety.",
    ...[taskOf(config.objective)?.description.limitation ?? []].flat(),
  ];
  return items.map((item) => `- ${item}`).join("\n");
}
