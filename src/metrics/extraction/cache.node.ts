/**
 * Statistics of reference images on disk, `CACHE/statistics/KEY.PART.stats`: a line of JSON
 * (format, version, key, arrays, checksum), then the arrays, little-endian. Written beside and
 * renamed, so that two evaluations may write the same file; whatever cannot be used (another
 * version, damage) is computed again, with a note.
 */

import { dirname, join } from "node:path";
import { z } from "zod";
import { errorCode, removeUnfinished, sha256, writeFileWhole } from "../../base/disk/files.node.ts";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { LONGEST_LINE } from "../../base/disk/lines.node.ts";
import { readIfThere } from "../../base/disk/regular.node.ts";
import { matrix } from "../linalg/matrix.ts";
import type { CachedStatistics, ReferenceKey, StatisticsCache } from "./reference.ts";

const FORMAT = "quarterturn-statistics";
const VERSION = 1;

const DAMAGED = "is damaged";

type Numbers = Float32Array | Float64Array;

const headerSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  key: z.record(z.string(), z.unknown()),
  arrays: z.array(z.object({ type: z.enum(["float32", "float64"]), length: z.int().min(0) })),
  /** Of the bytes after the line. */
  sha256: z.string(),
});

/** The first line of a file. */
type Header = z.output<typeof headerSchema>;
/** Features of a million images of 2,048 numbers are twice that: they are computed anew. */
const MAX_BYTES = 4_000_000_000;

/** How each part becomes arrays and back. */
const PARTS: {
  readonly [Part in keyof CachedStatistics]: {
    readonly pack: (value: CachedStatistics[Part]) => readonly Numbers[];
    /** Undefined for arrays that cannot be those. */
    readonly unpack: (arrays: readonly Numbers[], key: ReferenceKey) => CachedStatistics[Part] | undefined;
  };
} = {
  moments: {
    pack: ({ mean, covariance }) => [mean, covariance.data],
    unpack: ([mean, covariance, ...more], { count }) =>
      mean instanceof Float64Array &&
      covariance instanceof Float64Array &&
      covariance.length === mean.length ** 2 &&
      more.length === 0
        ? { count, mean, covariance: matrix(mean.length, mean.length, covariance) }
        : undefined,
  },
  features: {
    pack: (features) => [features],
    unpack: ([features, ...more], { count }) =>
      features instanceof Float32Array && features.length % count === 0 && more.length === 0
        ? features
        : undefined,
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
      const bytes = await readIfThere(path, { max: MAX_BYTES, what: "such a file" }).catch(
        (error: unknown) => {
          onNote(`${path} cannot be read (${errorCode(error) ?? (error as Error).message}).`);
          return undefined;
        },
      );
      if (!bytes) return undefined;
      const found = decode(bytes, key);
      const value = typeof found === "string" ? undefined : PARTS[part].unpack(found, key);
      if (value) return value;
      onNote(
        `${path} ${typeof found === "string" ? found : DAMAGED}: the reference statistics are computed again.`,
      );
      return undefined;
    },
    async write(key, part, value) {
      const path = pathOf(folder, key, part);
      try {
        await makeFolder(dirname(path));
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
    key: { ...key },
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
  const end = bytes.subarray(0, LONGEST_LINE).indexOf(10);
  let line: unknown;
  try {
    line = JSON.parse(bytes.subarray(0, Math.max(0, end)).toString("utf8"));
  } catch {
    return DAMAGED;
  }
  const { format, version } = (line ?? {}) as { readonly format?: unknown; readonly version?: unknown };
  if (format !== FORMAT) return "is of another program";
  if (version !== VERSION)
    return `is of another version of this program (format ${String(version)}, this one writes ${VERSION})`;
  const header = headerSchema.safeParse(line).data;
  if (!header || JSON.stringify(sorted(header.key)) !== JSON.stringify(sorted(key))) return DAMAGED;
  const payload = bytes.subarray(end + 1);
  const length = header.arrays.reduce(
    (sum, each) => sum + each.length * (each.type === "float64" ? 8 : 4),
    0,
  );
  if (length !== payload.length || sha256(payload) !== header.sha256) return DAMAGED;
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
