/**
 * The use cases `features list`, `add` and `remove`: the networks whose features metrics are
 * computed with.
 */
import { UserError } from "../base/errors.ts";
import { createInThreadEngine } from "../engine/node.node.ts";
import { checkInstallable, INSTALLABLE, installFeatures } from "../metrics/features/install.node.ts";
import {
  findInstalled,
  type InstalledNetwork,
  networkFolder,
  removeInstalled,
} from "../metrics/features/installed.node.ts";
import { defaultFeatures, FEATURES } from "../metrics/features/registry.node.ts";
import type { Context } from "./context.ts";

/** Networks that can be added, with the address that the weights of each are published at. */
export const ADDABLE_FEATURES: Readonly<Record<string, { readonly where: string }>> = INSTALLABLE;

/** One of the networks that there are. */
export interface FeaturesRow extends Partial<InstalledNetwork> {
  readonly name: string;
  readonly description: string;
  /** Whether it is taken where none is named. */
  readonly default: boolean;
  readonly available: boolean;
}

/** All networks: the document of `features list --json`. */
export interface FeaturesList {
  /** Where added networks are kept, absolute. */
  readonly folder: string;
  readonly networks: readonly FeaturesRow[];
}

/** A network that was added: the document of `features add --json`. */
export interface AddedFeatures extends InstalledNetwork {
  readonly name: string;
  /** Whether it is now taken where none is named. */
  readonly default: boolean;
}

/** Names of the networks that come with the package. */
const shipped = (): string[] =>
  FEATURES.map((each) => each.name).filter((name) => !Object.hasOwn(INSTALLABLE, name));

/**
 * Check that a feature network of this name can be added.
 * @returns the name, of a network that can be added
 * @throws UserError when it is none
 */
export const checkAddable = (name: string): string => checkInstallable(name, shipped());

/** The networks that there are, and those that can be added. */
export async function listFeatures(): Promise<FeaturesList> {
  const standard = await defaultFeatures();
  const networks = await Promise.all(
    FEATURES.map(async ({ name, description }) => {
      const installed = await findInstalled(name);
      const available = installed !== undefined || shipped().includes(name);
      return { name, description, default: name === standard, available, ...installed };
    }),
  );
  return { folder: networkFolder(), networks };
}

/** What to add, and from where. */
export interface AddFeaturesOptions {
  readonly name: string;
  /** A weights file of PyTorch: its path or its address. */
  readonly from: string;
  /** First digits of the SHA-256 it must have; those in its name unless given. */
  readonly checksum?: string | undefined;
}

/**
 * Add a network: read its weights, build it, try it, keep it.
 * @throws UserError for everything that keeps the weights from being added; the signal's reason
 * when it aborts
 */
export async function addFeatures(
  { name, from, checksum }: AddFeaturesOptions,
  { report, signal }: Context,
): Promise<AddedFeatures> {
  const known = checkInstallable(name, shipped());
  const engine = await createInThreadEngine({ device: "cpu", threads: 0 });
  try {
    const network = await installFeatures(known, {
      ...{ from, checksum, engine, signal },
      onProgress: (done, total) => void report({ kind: "progress", activity: "downloading", done, total }),
      onRetry: (reason) =>
        void report({ kind: "warning", message: `The connection broke (${reason}); trying again.` }),
      onBuild: () => void report({ kind: "progress", activity: "building" }),
    });
    for (const message of network.provenance?.remarks ?? []) void report({ kind: "warning", message });
    return { name: known, default: known === (await defaultFeatures()), ...network };
  } finally {
    await engine.close();
  }
}

/** What is left when a network is gone: the document of `features remove --json`. */
export interface RemovedFeatures {
  readonly name: string;
  readonly removed: true;
  /** The network that is taken where none is named. */
  readonly default: string;
}

/** Remove an added network. @throws UserError for one that is not added */
export async function removeFeatures(name: string): Promise<RemovedFeatures> {
  if (shipped().includes(name)) throw new UserError(`${name} comes with quarterturn and cannot be removed.`);
  const known = checkInstallable(name, shipped());
  if (!(await removeInstalled(known)))
    throw new UserError(
      `${known} is not added, so there is nothing to remove.`,
      `It would be in ${networkFolder()}.`,
    );
  return { name: known, removed: true, default: await defaultFeatures() };
}
