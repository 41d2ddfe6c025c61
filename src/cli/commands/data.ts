/** `quarterturn data ACTION …`: what concerns images before they are trained on. */
import { unknownName } from "../../base/errors.ts";
import { PREPROCESSINGS, RESIZES } from "../../data/decode/preprocessing.ts";
import { PUBLICATIONS } from "../../data/fetch/catalog.ts";
import { textTable } from "../../narration/table.ts";
import { type CommandModule, type Invocation, refuseForeign } from "../command.ts";

/** One of the actions. It gets the invocation without its own name. */
interface Action {
  /** What follows the name. */
  readonly usage: string;
  readonly description: string;
  /** Names of the options it takes, `--json` aside. */
  readonly options: readonly string[];
  readonly load: () => Promise<(invocation: Invocation) => Promise<number>>;
}

/** Options that say which images, and how they become squares. */
const IMAGES = ["resolution", "split", "preprocessing", "resize", "unlabeled"];

/** Every action; a new one is one file in `cli/data` and an entry here. */
const ACTIONS: Readonly<Record<string, Action>> = {
  fetch: {
    usage: "NAME",
    description: "Download a published data set, check and unpack it; goes on where it stopped",
    options: ["out", "mirror", "keep-archives"],
    load: async () => (await import("../actions/data/fetch.ts")).fetchFrom,
  },
  inspect: {
    usage: "[DATA]",
    description: "Count, sizes, classes, copies, odd files: what to know before training",
    options: [...IMAGES, "run"],
    load: async () => (await import("../actions/data/inspect.ts")).inspectFrom,
  },
  preview: {
    usage: "[DATA]",
    description: "A PNG of some images as the networks see them, and of some in all four turns",
    options: [...IMAGES, "count", "turned", "seed", "out"],
    load: async () => (await import("../actions/data/preview.ts")).previewFrom,
  },
  prepare: {
    usage: "[DATA]",
    description: "Decode and pack the images now, so that training starts at once",
    options: [...IMAGES],
    load: async () => (await import("../actions/data/prepare.ts")).prepareFrom,
  },
};

const OPTIONS: CommandModule["options"] = [
  [
    "--out <path>",
    "fetch: the folder (default: data/NAME); preview: the PNG file (default: NAME-preview.png)",
  ],
  ["--mirror <url>", "fetch: another address, of the folder in which the files lie under their own names"],
  ["--keep-archives", "fetch: leave the archives beside the unpacked folder"],
  ["--resolution <n>", "inspect, preview, prepare: side of the square images in pixels (default: 32)"],
  ["--split <name>", "inspect, preview, prepare: train, test, unlabelled (STL-10) or all (default: train)"],
  [
    "--preprocessing <name>",
    `inspect, preview, prepare: which part becomes the square: ${PREPROCESSINGS.join(", ")} (default: centre-crop)`,
  ],
  ["--resize <name>", `inspect, preview, prepare: the filter: ${RESIZES.join(" or ")} (default: lanczos3)`],
  [
    "--unlabeled <name>",
    "inspect, preview, prepare: images without a label where others have one: exclude or keep (default: exclude)",
  ],
  ["--run <dir>", "inspect: also look for images that are not upright, by the rotation head of that run"],
  ["--count <n>", "preview: images (default: 64)"],
  ["--turned <n>", "preview: images shown in all four turns (default: 8)"],
  ["--seed <n>", "preview: which images (default: 0)"],
];

export const command: CommandModule = {
  options: OPTIONS,
  examples: [
    "fetch cifar10",
    "inspect ~/pictures --resolution 64",
    "inspect ~/pictures --run runs/pictures-32",
    "preview ~/pictures",
    "prepare cifar10:data/cifar10/cifar-10-batches-bin",
  ],
  notes: () =>
    [
      "Actions:",
      textTable(
        Object.entries(ACTIONS).map(([name, { usage, description }]) => [`${name} ${usage}`, description]),
      ),
      "",
      "Published data sets (fetch):",
      textTable(PUBLICATIONS.map(({ name, title, page }) => [name, title, page])),
    ].join("\n"),
  async run(invocation) {
    const [name = "", ...args] = invocation.args;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) throw unknownName("action of data", name, Object.keys(ACTIONS));
    refuseForeign(`data ${name}`, action.options, OPTIONS, invocation.options);
    const run = await action.load();
    return run({ ...invocation, args });
  },
};
