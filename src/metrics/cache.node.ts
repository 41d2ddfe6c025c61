/**
 * Statistics of reference images on disk, `CACHE/statistics/KEY.PART.stats`: a line of JSON (format, version, key, arrays, checksum), then
 * the arrays, little-endian. Written beside and renamed, so that two evaluations may write the same file; whatever cannot be used (another
 * version, damage) is computed again, with a note.
 */
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode, removeUnfinished, sha256, writeFileWhole } from "../base/files.node.ts";
import { matrix } from "./linalg/matrix.ts";
import type { CachedStatistics, ReferenceKey, StatisticsCache } from "./reference.ts";

const FORMAT = "quarterturn-statistics";
const VERSION = 1;

type Numbers = Float32Array | Float64Array;

/** The first line of a file. */
interface Header {
  readonly format: string;
  readonly version: number;
  readonly key: ReferenceKey;
  readonly arrays: readonly { readonly type: "float32" | "float64"; readonly length: number }[];
  /** Of the bytes after the line. */
  readonly sha256: string;
}

/** How each part becomes arrays and back. */
const PARTS: {
  readonly [Part in keyof CachedStatistics]: {
    readonly pack: (value: CachedStatistics[Part]) => readonly Numbers[];
    readonly unpack: (arrays: readonly Numbers[], key: ReferenceKey) => CachedStatistics[Part];
  };
} = {
  moments: {
    pack: ({ mean, covariance }) => [mean, covariance.data],
    unpack: ([mean, covariance], { count }) => ({
      count,
      mean: mean as Float64Array,
      covariance: matrix(mean!.length, mean!.length, covariance as Float64Array),
    }),
  },
  features: {
    pack: (features) => [features],
    unpack: ([features]) => features as Float32Array,
  },
};

/**
 * A cache below `folder`.
 * @param onNote told in words what could not be used or kept
 */
export function statisticsCache(folder: string, onNote: (note: string) => void): StatisticsCache {
  return {
    async read(key, part) {
      const path = pathOf(folder, key, part);
      const bytes = await readFile(path).catch((error: unknown) => {
        if (errorCode(error) !== "ENOENT") onNote(`${path} cannot be read (${errorCode(error)}).`);
        return undefined;
      });
      if (!bytes) return undefined;
      const found = decode(bytes, key);
      if (typeof found !== "string") return PARTS[part].unpack(found, key);
      onNote(`${path} ${found}: the reference statistics are computed again.`);
      return undefined;
    },
    async write(key, part, value) {
      const path = pathOf(folder, key, part);
      try {
        await mkdir(dirname(path), { recursive: true });
        await removeUnfinished(dirname(path));
        await writeFileWhole(path, encode(key, PARTS[part].pack(value)));
      } catch (error) {
        onNote(
          `The reference statistics could not be kept (${(error as Error).message}); the next evaluation computes them again.`,
        );
      }
    },
  };
}

function pathOf(folder: string, key: ReferenceKey, part: keyof CachedStatistics): string {
  const name = sha256(JSON.stringify(sorted(key))).slice(0, 32);
  return join(folder, "statistics", `${name}.${part}.stats`);
}

/** The same key is the same text, whatever the order of its fields. */
const sorted = (key: object): unknown => Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1));

function encode(key: ReferenceKey, arrays: readonly Numbers[]): Uint8Array {
  const payload = Buffer.concat(
    arrays.map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength)),
  );
  const header: Header = {
    format: FORMAT,
    version: VERSION,
    key,
    arrays: arrays.map((array) => ({
      type: array instanceof Float64Array ? "float64" : "float32",
      length: array.length,
    })),
    sha256: sha256(payload),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), payload]);
}

/** The arrays of a file, or what is wrong with it. */
function decode(bytes: Buffer, key: ReferenceKey): Numbers[] | string {
  const end = bytes.indexOf(10);
  let header: Header;
  try {
    header = JSON.parse(bytes.subarray(0, Math.max(0, end)).toString("utf8")) as Header;
  } catch {
    return "is damaged";
  }
  if (header?.format !== FORMAT) return "is of another program";
  if (header.version !== VERSION)
    return `is of another version of this program (format ${header.version}, this one writes ${VERSION})`;
  const payload = bytes.subarray(end + 1);
  if (JSON.stringify(sorted(header.key)) !== JSON.stringify(sorted(key)) || sha256(payload) !== header.sha256)
    return "is damaged";
  let at = 0;
  return header.arrays.map(({ type, length }) => {
    const Type = type === "float64" ? Float64Array : Float32Array;
    // Copied, as the payload begins anywhere.
    const array = new Type(length);
    new Uint8Array(array.buffer).set(payload.subarray(at, at + array.byteLength));
    at += array.byteLength;
    return array;
  });
}
