/**
 * A state dict for Inception-v3 checked against the network, tensor by tensor. Layers are named as
 * in pytorch-fid and torchvision, which agree; torchvision's file also has the auxiliary
 * classifier, which only its training uses.
 */

import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { formatShape, input } from "../../graph/index.ts";
import { type Owned, traceNetwork } from "../../nn/scope.ts";
import { INCEPTION_SIDE, INCEPTION_VARIANTS, inception } from "./inception.ts";
import type { TorchTensor } from "./torch/tensors.ts";

/** A form of Inception, by the name users give it. */
export type InceptionName = keyof typeof INCEPTION_VARIANTS;

/** Our last words of a name, and PyTorch's. */
const ENDINGS: readonly (readonly [string, string])[] = [
  ["fc/kernel", "fc.weight"],
  ["fc/bias", "fc.bias"],
  ["norm/gamma", "bn.weight"],
  ["norm/beta", "bn.bias"],
  ["norm/mean", "bn.running_mean"],
  ["norm/variance", "bn.running_var"],
  ["kernel", "conv.weight"],
];
/** Tensors in the files that inference does not need. */
const UNUSED = /^AuxLogits\.|\.num_batches_tracked$/;
/** How many names an error message lists. */
const LISTED = 3;

/** `inception/Mixed_5b/branch1x1/norm/gamma` → `Mixed_5b.branch1x1.bn.weight` */
export function torchName(name: string): string {
  const [ours, theirs] = ENDINGS.find(([end]) => name.endsWith(`/${end}`))!;
  return name.slice(0, -ours.length).split("/").slice(1).join(".") + theirs;
}

/**
 * The network's tensors, by our names.
 * @param where the file's name, for messages
 * @throws UserError when tensors are missing, of another shape, not floating point, not finite, or
 * belong to another network
 */
export function inceptionWeights(
  tensors: ReadonlyMap<string, TorchTensor>,
  name: InceptionName,
  where: string,
): ReadonlyMap<string, Float32Array> {
  const owned = tensorsOf(name);
  refuseOtherNetworks(tensors, owned, name, where);
  return new Map(owned.map((each) => [each.name, checked(tensors.get(torchName(each.name))!, each, where)]));
}

function tensorsOf(name: InceptionName): readonly Owned[] {
  const trace = traceNetwork(name, false);
  inception(trace.scope, input("images", [1, 3, INCEPTION_SIDE, INCEPTION_SIDE]), INCEPTION_VARIANTS[name]);
  return [...trace.parameters, ...trace.buffers];
}

function refuseOtherNetworks(
  tensors: ReadonlyMap<string, TorchTensor>,
  owned: readonly Owned[],
  name: InceptionName,
  where: string,
): void {
  const classes = tensors.get("fc.weight")?.shape[0];
  const other = (Object.keys(INCEPTION_VARIANTS) as InceptionName[]).find(
    (key) => key !== name && INCEPTION_VARIANTS[key].classes === classes,
  );
  if (other !== undefined)
    throw new UserError(
      `${where} has ${classes} classes, so it is not ${name}, which has ${INCEPTION_VARIANTS[name].classes}.`,
      `Add it under its own name: quarterturn features add ${other} ${option("from", "FILE")}`,
    );
  const wanted = new Set(owned.map((each) => torchName(each.name)));
  const missing = [...wanted].filter((each) => !tensors.has(each));
  const foreign = [...tensors.keys()].filter((each) => !wanted.has(each) && !UNUSED.test(each));
  const hint = `The weights of ${name} are wanted, with the names that pytorch-fid and torchvision give them.`;
  if (missing.length === wanted.size)
    throw new UserError(`${where} holds another network: ${list(foreign)}.`, hint);
  if (missing.length > 0)
    throw new UserError(
      `${where} lacks ${missing.length} of ${wanted.size} tensors: ${list(missing)}.`,
      hint,
    );
  if (foreign.length > 0)
    throw new UserError(`${where} holds tensors that Inception does not have: ${list(foreign)}.`, hint);
}

function checked(tensor: TorchTensor, { name, shape }: Owned, where: string): Float32Array {
  const label = torchName(name);
  const hint = "The file is damaged, or of another network.";
  if (formatShape(tensor.shape) !== formatShape(shape))
    throw new UserError(
      `${where}: ${label} has the shape ${formatShape(tensor.shape)}, where ${formatShape(shape)} belongs.`,
      hint,
    );
  const { data } = tensor;
  if (!(data instanceof Float32Array))
    throw new UserError(`${where}: ${label} is ${tensor.type}, which is no floating-point type.`, hint);
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new UserError(`${where}: ${label} has the value ${data[bad]} at place ${bad}.`, hint);
  if (label.endsWith("running_var") && data.some((value) => value < 0))
    throw new UserError(`${where}: ${label} is a variance and has negative values.`, hint);
  return data;
}

/** `a, b, c and 5 more`, fit for a terminal. */
function list(names: readonly string[]): string {
  const shown = names
    .slice(0, LISTED)
    .map((each) => (/^[\w.-]{1,80}$/.test(each) ? each : JSON.stringify(each.slice(0, 80))));
  const rest = names.length - shown.length;
  return shown.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
