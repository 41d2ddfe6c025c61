/**
 * From the flat state vectors of the engine to named tensors and back. Parameters and buffers keep
 * the names of their layout (`generator/block1/conv1/kernel`); the averaged generator's are the
 * same below `ema/`. What has no named parts (Adam's moments) stays flat, under the name of its
 * state entry.
 */

import { UserError } from "../../../base/errors.ts";
import { option } from "../../../base/option-names.ts";
import type { Slot, Steps } from "../../../objectives/steps.ts";
import type { NamedTensor } from "../../safetensors.ts";

/** The state, sorted into what a person may want (weights) and what only training needs. */
export interface NamedState {
  readonly weights: ReadonlyMap<string, NamedTensor>;
  readonly rest: ReadonlyMap<string, NamedTensor>;
}

type Layout = Steps["layout"];

/**
 * Which slots make up a state entry, and what goes before their names; undefined for entries
 * without named parts.
 */
function namedParts(entry: string, layout: Layout): { prefix: string; slots: readonly Slot[] } | undefined {
  const [network] = entry.split("/");
  if (network !== "generator" && network !== "discriminator") return undefined;
  if (entry === "generator/ema") return { prefix: "ema/", slots: layout.generator.parameters };
  if (entry === `${network}/parameters`) return { prefix: "", slots: layout[network].parameters };
  if (entry === `${network}/buffers`) return { prefix: "", slots: layout[network].buffers };
  return undefined;
}

const sizeOf = (slot: Slot): number => slot.shape.reduce((a, b) => a * b, 1);

/**
 * Name the parts of the state. The tensors are views.
 * @throws Error when a layout does not cover its vector exactly, as something would be lost
 */
export function nameState(state: Readonly<Record<string, Float32Array>>, layout: Layout): NamedState {
  const weights = new Map<string, NamedTensor>();
  const rest = new Map<string, NamedTensor>();
  for (const [entry, values] of Object.entries(state)) {
    const parts = namedParts(entry, layout);
    if (!parts) {
      rest.set(entry, { shape: [values.length], data: values });
      continue;
    }
    let end = 0;
    for (const slot of parts.slots) {
      if (slot.offset !== end)
        throw new Error(`${entry}: ${slot.name} lies at ${slot.offset}, expected ${end}`);
      end += sizeOf(slot);
      const name = parts.prefix + slot.name;
      if (weights.has(name)) throw new Error(`two tensors are named ${name}`);
      weights.set(name, { shape: slot.shape, data: values.subarray(slot.offset, end) });
    }
    if (end !== values.length) throw new Error(`${entry}: ${values.length} numbers, the layout names ${end}`);
  }
  return { weights, rest };
}

/**
 * Put the named parts together again.
 * @param entries names of the state entries wanted
 * @param where the checkpoint's name, for messages
 * @throws UserError naming the first tensor that is missing or has another shape: the networks are
 * not those of the checkpoint
 */
export function assembleState(
  named: NamedState,
  entries: readonly string[],
  layout: Layout,
  where: string,
): Record<string, Float32Array> {
  const misfit = (what: string): UserError =>
    new UserError(
      `${where} does not fit this configuration: ${what}.`,
      "The networks differ from those that were saved: the configuration is another, or the run was begun by a version " +
        `in which narrow networks had fewer channels. Use the run's own configuration, or else begin a new run (${option("mode", "new")}).`,
    );
  const take = (from: NamedState["weights"], name: string): NamedTensor & { data: Float32Array } => {
    const tensor = from.get(name);
    if (!tensor) throw misfit(`it has no tensor ${name}`);
    if (!(tensor.data instanceof Float32Array)) throw misfit(`${name} is not float32`);
    return { shape: tensor.shape, data: tensor.data };
  };
  const state: Record<string, Float32Array> = {};
  for (const entry of entries) {
    const parts = namedParts(entry, layout);
    if (!parts) {
      state[entry] = take(named.rest, entry).data;
      continue;
    }
    const values = new Float32Array(parts.slots.reduce((sum, slot) => sum + sizeOf(slot), 0));
    for (const slot of parts.slots) {
      const { shape, data } = take(named.weights, parts.prefix + slot.name);
      if (shape.join() !== slot.shape.join())
        throw misfit(`${slot.name} is [${shape.join(", ")}] there and [${slot.shape.join(", ")}] here`);
      values.set(data, slot.offset);
    }
    state[entry] = values;
  }
  return state;
}

/**
 * A discriminator's part of the state, put together again.
 * @param layout of its parameters and buffers
 * @throws UserError as `assembleState`
 */
export function discriminatorState(
  named: NamedState,
  layout: Layout["discriminator"],
  where: string,
): Record<string, Float32Array> {
  const entries = [
    "discriminator/parameters",
    ...(layout.buffers.length > 0 ? ["discriminator/buffers"] : []),
  ];
  return assembleState(
    named,
    entries,
    { generator: { parameters: [], buffers: [] }, discriminator: layout },
    where,
  );
}
