/**
 * `features add`: from the weights that PyTorch users already have to a network that is ready to
 * run.
 */

import { makeFolder } from "../../base/disk/folders.node.ts";
import { UserError, unknownName } from "../../base/errors.ts";
import { withoutSecrets } from "../../base/text/secrets.ts";
import type { Engine } from "../../engine/engine.ts";
import { INCEPTION_SIDE, INCEPTION_VARIANTS, inception } from "./inception.ts";
import { type InceptionName, inceptionWeights } from "./inception-weights.ts";
import { explainCache, type InstalledNetwork, keepInstalled, networkFolder } from "./installed.node.ts";
import { openOnnxFeatures } from "./onnx-file.node.ts";
import { readStateDict } from "./torch/file.node.ts";
import { readWeights, type WeightsRequest } from "./weights-source.node.ts";
import { writeFeatureModel } from "./write-model.ts";

/** Networks that can be added, with what is to be said of them. */
export const INSTALLABLE: Readonly<
  Record<InceptionName, { readonly published: readonly string[]; readonly where: string }>
> = {
  inception: {
    published: ["6726825d"],
    where:
      "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth",
  },
  "torchvision-inception": {
    published: ["0cc3c7bd", "1a9a5a14"],
    where: "https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth",
  },
};

/** How to install. */
export interface InstallOptions extends Omit<WeightsRequest, "folder"> {
  /** Computes the folded kernels. */
  readonly engine: Pick<Engine, "compile" | "threads">;
  readonly cacheDir?: string | undefined;
  /** Told when the file is there and the network is being built. */
  readonly onBuild?: (() => void) | undefined;
}

/**
 * Check that weights for a network of this name can be added.
 * @throws UserError for a name that is none of those that can be added
 */
export function checkInstallable(name: string, shipped: readonly string[]): InceptionName {
  if (shipped.includes(name)) throw new UserError(`${name} comes with quarterturn: there is nothing to add.`);
  if (!Object.hasOwn(INSTALLABLE, name)) throw unknownName("feature network", name, Object.keys(INSTALLABLE));
  return name as InceptionName;
}

/**
 * Read the weights, check them, build the network, try it, keep it. A network already installed
 * under the name stays until then.
 * @throws UserError when the weights cannot be had, are damaged or another network's, or the cache
 * folder cannot be written to
 */
export async function installFeatures(
  name: InceptionName,
  options: InstallOptions,
): Promise<InstalledNetwork> {
  const { from, engine, cacheDir } = options;
  const folder = networkFolder(cacheDir);
  // Before anything is downloaded for nothing.
  await explainCache(folder, () => makeFolder(folder));
  const file = await readWeights({ ...options, folder });
  options.onBuild?.();
  const variant = INCEPTION_VARIANTS[name];
  try {
    const weights = inceptionWeights(await readStateDict(file.bytes, file.name), name, file.name);
    const model = await writeFeatureModel(
      {
        name,
        side: INCEPTION_SIDE,
        network: (scope, images) => inception(scope, images, variant),
        weights: (owned) => weights.get(owned.name)!,
        metadata: {
          name,
          weights: file.name,
          weightsSha256: file.sha256,
          imageRange: "0-255",
          imageChannels: "RGB",
        },
      },
      engine,
    );
    const provenance = {
      from: withoutSecrets(from),
      sha256: file.sha256,
      added: new Date().toISOString(),
      remarks: INSTALLABLE[name].published.some((digits) => file.sha256.startsWith(digits))
        ? []
        : [
            `These are not the published weights: their SHA-256 begins ${file.sha256.slice(0, 8)}, not ${INSTALLABLE[name].published.join(" or ")}.`,
          ],
    };
    return await keepInstalled(
      name,
      model,
      provenance,
      (path) => tryOut(path, file.name, engine.threads),
      cacheDir,
    );
  } finally {
    await file.discard();
  }
}

/** @throws UserError when the network gives anything but finite numbers */
async function tryOut(path: string, weights: string, threads: number): Promise<void> {
  const network = await openOnnxFeatures(path, { threads });
  try {
    const gray = new Float32Array(3 * INCEPTION_SIDE * INCEPTION_SIDE).fill(127);
    const { features, logits } = await network.extract(gray, 1, INCEPTION_SIDE);
    if (![...features, ...(logits ?? [])].every(Number.isFinite))
      throw new UserError(
        `With the weights of ${weights} the network gives numbers that are not finite.`,
        "The file is damaged: download it again.",
      );
  } finally {
    await network.close();
  }
}
