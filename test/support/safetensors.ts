import { readFileSync } from "node:fs";

/** A reader of its own for golden files, independent of the project's. */
export function readGolden(path: URL): Map<string, { shape: number[]; data: Float32Array | Uint8Array }> {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  return new Map(
    Object.entries(header).flatMap(([name, entry]) => {
      if (name === "__metadata__") return [];
      const raw = new Uint8Array(
        bytes.subarray(8 + length + entry.data_offsets[0], 8 + length + entry.data_offsets[1]),
      );
      return [
        [
          name,
          { shape: entry.shape, data: entry.dtype === "U8" ? raw : new Float32Array(raw.buffer) },
        ] as const,
      ];
    }),
  );
}
