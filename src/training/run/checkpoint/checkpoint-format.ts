/**
 * What a checkpoint is made of, wherever it is kept: `weights.safetensors` (named parameters,
 * buffers and averages), `state.safetensors` (what only training needs) and `meta.json` (progress,
 * hashes, a checksum of every file and of itself). Portable: checkpoint.node.ts keeps them in
 * folders, memory-run.ts in memory. The checksums' SHA-256 is passed in, as every place has its
 * own.
 */
import { UserError } from "../../../base/errors.ts";
import { checkedValue, parsedJson } from "../../../base/schema.ts";
import { formatBytes } from "../../../base/text/format/index.ts";
import type { Steps } from "../../../objectives/steps.ts";
import { stateNames } from "../../loop/loop.ts";
import type { Snapshot } from "../../loop/recorder.ts";
import { decodeSafetensors, encodeSafetensors } from "../../safetensors.ts";
import {
  type CheckpointMeta,
  checkpointMetaSchema,
  FORMAT,
  STATE,
  VERSION,
  WEIGHTS,
} from "./checkpoint-schema.ts";
import { assembleState, type NamedState, nameState } from "./weights.ts";

/** Bytes of a description: progress and hashes, a few thousand. */
const MAX_META_BYTES = 16_000_000;
/** Larger files cannot be read as a whole. */
const MAX_FILE_BYTES = 4_000_000_000;

/** What to do about a checkpoint that cannot be read. */
const ADVICE = "Go on from an earlier checkpoint, or take the file or folder that the run came in again.";

/** SHA-256 of bytes, or of a text in UTF-8, in hexadecimal. */
export type Sha256 = (data: Uint8Array | string) => string;

/** A checkpoint that was read and found whole. */
export interface Checkpoint {
  /** Where it is, for messages. */
  readonly path: string;
  readonly meta: CheckpointMeta;
  readonly named: NamedState;
}

/** A checkpoint's name: seven digits and more sort as text up to ten million steps. */
export const checkpointName = (step: number): string => String(step).padStart(7, "0");

/** The files of tensors of a snapshot, in pieces to be written one after another. */
export function encodeTensors(
  { state }: Pick<Snapshot, "state">,
  { layout }: Pick<Steps, "layout">,
): Readonly<Record<typeof WEIGHTS | typeof STATE, Uint8Array[]>> {
  const named = nameState(state, layout);
  return {
    [WEIGHTS]: encodeSafetensors(named.weights, { format: FORMAT, layout: "OIHW" }),
    [STATE]: encodeSafetensors(named.rest, { format: FORMAT }),
  };
}

/** `meta.json`: the contents and, last, their own checksum. */
export function encodeMeta(meta: Omit<CheckpointMeta, "format" | "version">, sha256: Sha256): Uint8Array {
  const whole: CheckpointMeta = { format: FORMAT, version: VERSION, ...meta };
  const sealed = { ...whole, checksum: sha256(JSON.stringify(whole)) };
  return new TextEncoder().encode(`${JSON.stringify(sealed, null, 1)}\n`);
}

/**
 * Read `meta.json`.
 * @param where its name, for messages
 * @throws UserError when it is damaged, foreign, or of a later version of this program
 */
export function decodeMeta(bytes: Uint8Array, where: string, sha256: Sha256): CheckpointMeta {
  const checked = { where, hint: ADVICE };
  const parsed = parsedJson(new TextDecoder().decode(bytes), checked);
  const { checksum, ...meta } = (parsed ?? {}) as Partial<CheckpointMeta> & { checksum?: unknown };
  if (meta.format !== FORMAT) throw new UserError(`${where} is not a checkpoint of this program.`, ADVICE);
  if (checksumOf(meta, sha256) !== checksum)
    throw new UserError(`${where} is damaged: its checksum does not match.`, ADVICE);
  if (meta.version !== VERSION)
    throw new UserError(
      `${where} was written by another version of this program (format ${String(meta.version)}, this one reads ${VERSION}).`,
      "Use the version that wrote it.",
    );
  return checkedValue(checkpointMetaSchema, meta, checked);
}

/**
 * Undefined for what is nested so deep that it cannot be written again, as nothing of this program
 * is.
 */
function checksumOf(meta: object, sha256: Sha256): string | undefined {
  try {
    return sha256(JSON.stringify(meta));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * Read a whole checkpoint and check all of it.
 * @param path where it is
 * @param read gives one of its files, or throws a UserError; told how many bytes it may have, which
 * it should look at first
 * @throws UserError when a file is truncated, altered or foreign, or of a later version of this
 * program
 */
export async function decodeCheckpoint(
  path: string,
  read: (file: string, max: number) => Uint8Array | Promise<Uint8Array>,
  sha256: Sha256,
): Promise<Checkpoint> {
  const meta = decodeMeta(await read("meta.json", MAX_META_BYTES), `${path}/meta.json`, sha256);
  const decode = async (file: typeof WEIGHTS | typeof STATE): Promise<NamedState["weights"]> => {
    const where = `${path}/${file}`;
    const expected = meta.files[file];
    if (expected.bytes > MAX_FILE_BYTES)
      throw new UserError(`${where} is ${formatBytes(expected.bytes)} long, more than can be read.`, ADVICE);
    const bytes = await read(file, expected.bytes);
    if (bytes.length !== expected.bytes) throw wrongLength(where, bytes.length, expected.bytes);
    if (sha256(bytes) !== expected.sha256)
      throw new UserError(`${where} is damaged: its checksum does not match.`, ADVICE);
    return decodeSafetensors(bytes, where).tensors;
  };
  return { path, meta, named: { weights: await decode(WEIGHTS), rest: await decode(STATE) } };
}

/** The error for a file of a checkpoint that has another length than `meta.json` says, in bytes. */
export const wrongLength = (where: string, found: number, expected: number): UserError =>
  new UserError(
    `${where} is damaged: ${formatBytes(found)} long instead of ${formatBytes(expected)}.`,
    ADVICE,
  );

/**
 * The snapshot in a checkpoint, for the networks of `steps`.
 * @throws UserError when the networks are not those of the checkpoint
 */
export function snapshotOf(checkpoint: Checkpoint, steps: Steps): Snapshot {
  const state = assembleState(checkpoint.named, stateNames(steps), steps.layout, checkpoint.path);
  return { progress: checkpoint.meta.progress, state };
}
