/**
 * The file format of `torch.save` before PyTorch 1.6: five pickles one after another (a magic
 * number, the version of the format, facts about the machine, the object, the keys of its
 * storages), then every storage as its length, int64, and its numbers.
 */
import { readPickle } from "../../../base/pickle/read.ts";
import { PickleError, type PickleValue } from "../../../base/pickle/values.ts";
import { type Storage, TENSOR_RULES } from "./tensors.ts";

/** As a pickled integer, behind the two bytes that announce protocol 2. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const VERSION = 1001;

/** Whether a file begins as one of these does. */
export function isLegacy(bytes: Uint8Array): boolean {
  try {
    return readPickle(bytes, 0, TENSOR_RULES).value === MAGIC;
  } catch {
    return false;
  }
}

/**
 * The object that was saved, and the bytes of its storages.
 * @throws PickleError when the file is damaged or not to be trusted
 */
export function readLegacy(bytes: Uint8Array): {
  readonly object: PickleValue;
  readonly blocks: ReadonlyMap<string, Uint8Array>;
} {
  const types = new Map<string, Storage>();
  const rules = {
    ...TENSOR_RULES,
    persistent: (id: PickleValue) => {
      const storage = TENSOR_RULES.persistent(id) as Storage;
      types.set(storage.key, storage);
      return storage;
    },
  };
  let position = 0;
  const next = (): PickleValue => {
    const { value, end } = readPickle(bytes, position, rules);
    position = end;
    return value;
  };
  next();
  const [version, machine, object, keys] = [next(), next(), next(), next()];
  if (version !== VERSION)
    throw new PickleError(`is of version ${String(version)} of PyTorch's old format, not ${VERSION}`);
  if (machine instanceof Map && machine.get("little_endian") === false)
    throw new PickleError("was written on a big-endian machine");
  if (!Array.isArray(keys)) throw new PickleError("has no list of its storages");

  const blocks = new Map<string, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const key of keys.map(String)) {
    const storage = types.get(key);
    if (!storage) throw new PickleError(`lists a storage ${JSON.stringify(key)} that no tensor uses`);
    const size = storage.whole * storage.type.bytes;
    const start = position + 8;
    if (start + size > bytes.length)
      throw new PickleError(
        `ends within its numbers (${bytes.length} bytes, storage ${key} ends at ${start + size})`,
      );
    if (view.getBigInt64(position, true) !== BigInt(storage.whole))
      throw new PickleError(`contradicts itself about the length of storage ${key}`);
    blocks.set(key, bytes.subarray(start, start + size));
    position = start + size;
  }
  return { object, blocks };
}
