/**
 * Weights that PyTorch has written (`torch.save(model.state_dict(), PATH)`), in either of its file
 * formats. Nothing in the file is executed: see pickle.ts.
 */
import { UserError } from "../../../base/errors.ts";
import { PickleError, type PickleValue } from "../../../base/pickle/values.ts";
import { isArchive, readArchive } from "./archive.node.ts";
import { isLegacy, readLegacy } from "./legacy.ts";
import { isTensorView, materialize, type TorchTensor } from "./tensors.ts";

const HINT =
  'Give a file of weights as PyTorch saves it: torch.save(model.state_dict(), "weights.pth"). If it was downloaded, download it again.';

/** A state dict, and what the checkpoint around it says. */
export interface SavedWeights {
  readonly tensors: Map<string, TorchTensor>;
  /** `global_step`, where the checkpoint has one. */
  readonly step: number | undefined;
}

/**
 * The tensors of a state dict, by name, as `readSavedWeights` finds them.
 * @throws UserError as that
 */
export const readStateDict = async (bytes: Buffer, where: string): Promise<Map<string, TorchTensor>> =>
  (await readSavedWeights(bytes, where)).tensors;

/**
 * The tensors of a state dict, by name. A dictionary with an entry `state_dict` or
 * `model_state_dict` is taken for a checkpoint that contains one.
 * @param bytes the whole file
 * @param where the file's name, for messages
 * @throws UserError when the file is damaged, no such file, or names anything but tensors
 */
export async function readSavedWeights(bytes: Buffer, where: string): Promise<SavedWeights> {
  try {
    const { object, blocks } = await readSaved(bytes);
    const tensors = new Map<string, TorchTensor>();
    for (const [name, value] of stateDict(object)) {
      if (typeof name !== "string" || !isTensorView(value)) continue;
      const block = blocks.get(value.storage.key);
      if (!block)
        throw new PickleError(`lacks the numbers of ${JSON.stringify(name)} (storage ${value.storage.key})`);
      tensors.set(name, materialize(value, block));
    }
    if (tensors.size === 0) throw new PickleError("holds no tensors by name");
    return { tensors, step: stepOf(object) };
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    throw new UserError(`${where} ${error.message}.`, HINT, { cause: error });
  }
}

async function readSaved(
  bytes: Buffer,
): Promise<{ readonly object: PickleValue; readonly blocks: ReadonlyMap<string, Uint8Array> }> {
  if (isArchive(bytes)) return readArchive(bytes);
  if (isLegacy(bytes)) return readLegacy(bytes);
  throw new PickleError("is not a file that torch.save writes");
}

function stateDict(object: PickleValue): ReadonlyMap<PickleValue, PickleValue> {
  if (!(object instanceof Map)) throw new PickleError("does not hold a dictionary");
  const inner = object.get("state_dict") ?? object.get("model_state_dict");
  return inner instanceof Map ? inner : object;
}

function stepOf(object: PickleValue): number | undefined {
  const step = object instanceof Map ? object.get("global_step") : undefined;
  return Number.isSafeInteger(step) && Number(step) >= 0 ? Number(step) : undefined;
}
