import { readFileSync } from "node:fs";

/** A stored tensor: F32, U8 or I16. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array | Int16Array;
}

/** A reader of its own for golden files, independent of the project's. */
export function readGolden(path: URL): Map<string, GoldenTensor> {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
    string,
    { dtype: "U8" | "I16" | "F32"; shape: number[]; data_offsets: [number, number] }
  >;
  return new Map(
    Object.entries(header).flatMap(([name, entry]) => {
      if (name === "__metadata__") return [];
      const raw = new Uint8Array(
        bytes.subarray(8 + length + entry.data_offsets[0], 8 + length + entry.data_offsets[1]),
      );
      const kinds = { U8: Uint8Array, I16: Int16Array, F32: Float32Array } as const;
      const data = new kinds[entry.dtype](raw.buffer);
      return [[name, { shape: entry.shape, data }] as const];
    }),
  );
}
