/** `features` as functions: the networks whose features metrics are computed with. */
import {
  type AddedFeatures,
  type AddFeaturesOptions,
  addFeatures,
  type FeaturesList,
  listFeatures,
  type RemovedFeatures,
  removeFeatures,
} from "../app/features.ts";
import { INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";
import { forProgram } from "./support/program-words.ts";

/** Where the weights come from. */
export interface AddFeaturesCall extends Omit<AddFeaturesOptions, "name">, Interruptible {}

const ADD: kind.Kinds<AddFeaturesCall> = { from: kind.text, checksum: kind.text, ...INTERRUPTIBLE };

/**
 * The networks whose features metrics are computed with, as `quarterturn features` has it.
 * @example The network that is taken where none is named
 * ```ts
 * import { features } from "quarterturn";
 *
 * const { networks } = await features.list();
 * console.log(networks.find((network) => network.default)?.name);
 * ```
 */
export const features = {
  /** The networks that there are, and those that can be added. */
  list: (): Promise<FeaturesList> => listFeatures(),
  /**
   * Add a network: read its weights, build it, try it, keep it.
   * @param name for example `inception`
   * @throws UserError for an unknown option or network, and weights that are not its own;
   * the signal's reason when it aborts
   */
  async add(name: string, call: AddFeaturesCall): Promise<AddedFeatures> {
    kind.checkWord(
      "features.add",
      "name",
      "the name of a feature network",
      name,
      'features.add("inception", { from: "FILE" })',
    );
    kind.checkCall<AddFeaturesCall>("features.add", call, ADD);
    kind.checkWord(
      "features.add",
      "from",
      "the path or the address of a weights file",
      call.from,
      'features.add("inception", { from: "FILE" })',
    );
    return working(call, (options, context) => addFeatures({ ...options, name }, context));
  },
  /** Remove an added network. @throws UserError for one that is not added */
  async remove(name: string): Promise<RemovedFeatures> {
    kind.checkWord(
      "features.remove",
      "name",
      "the name of a feature network",
      name,
      'features.remove("inception")',
    );
    return forProgram(removeFeatures(name));
  },
} as const;
