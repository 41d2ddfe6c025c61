/**
 * A file as `torch.save` wrote it before PyTorch 1.6, for tests that need weights of a size that is
 * not kept in the repository.
 */
import type { TorchTensor } from "../torch/tensors.ts";

const text = (word: string): Buffer => {
  const bytes = Buffer.from(word);
  const head = Buffer.alloc(5, "X");
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};
const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(5, "J");
  bytes.writeInt32LE(value, 1);
  return bytes;
};
const raw = (codes: string): Buffer => Buffer.from(codes, "latin1");
const tuple = (...items: Buffer[]): Buffer => Buffer.concat([raw("("), ...items, raw("t")]);
const ORDERED = "ccollections\nOrderedDict\n)R";

const stridesOf = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));

/** Float32 tensors by name, each with a storage of its own, as a state dict. */
export function legacyFile(tensors: ReadonlyMap<string, TorchTensor>): Buffer {
  const named = [...tensors];
  const entries = named.flatMap(([name, { shape, data }], key) => {
    const storage = tuple(
      text("storage"),
      raw("ctorch\nFloatStorage\n"),
      text(String(key)),
      text("cpu"),
      int(data.length),
      raw("N"),
    );
    const call = tuple(
      Buffer.concat([storage, raw("Q")]),
      int(0),
      tuple(...shape.map(int)),
      tuple(...stridesOf(shape).map(int)),
      raw("\x89"),
      raw(ORDERED),
    );
    return [text(name), raw("ctorch._utils\n_rebuild_tensor_v2\n"), call, raw("R")];
  });
  const blocks = named.flatMap(([, { data }]) => {
    const length = Buffer.alloc(8);
    length.writeBigInt64LE(BigInt(data.length));
    return [length, Buffer.from(data.buffer, data.byteOffset, data.byteLength)];
  });
  return Buffer.concat([
    // The magic number, the version of the format, what machine it was, the dictionary, the keys of its storages.
    raw("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."),
    raw("\x80\x02M\xe9\x03."),
    Buffer.concat([raw("\x80\x02}"), text("little_endian"), raw("\x88s.")]),
    Buffer.concat([raw(`\x80\x02${ORDERED}(`), ...entries, raw("u.")]),
    Buffer.concat([raw("\x80\x02]("), ...named.map((_, key) => text(String(key))), raw("e.")]),
    ...blocks,
  ]);
}
