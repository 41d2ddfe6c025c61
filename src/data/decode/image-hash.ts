/**
 * The hash that identifies the images of a run, for places without Node's crypto: SHA-256 of shape,
 * pixels and labels, the same that pack-file.node.ts gives a packed file, so that a checkpoint can
 * go from one place to the other.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * SHA-256 of decoded images and their labels.
 * @param images uint8 [N, size, size, 3]
 * @param labels [N], if there are any
 * @returns hexadecimal
 */
export function imageHash(size: number, images: Uint8Array, labels?: Uint16Array): string {
  const hash = sha256
    .create()
    .update(utf8ToBytes(`${size}x${size}x3 uint8\n`))
    .update(images);
  if (labels) {
    const bytes = new Uint8Array(2 * labels.length);
    const view = new DataView(bytes.buffer);
    for (const [i, label] of labels.entries()) view.setUint16(2 * i, label, true);
    hash.update(utf8ToBytes("labels\n")).update(bytes);
  }
  return bytesToHex(hash.digest());
}

/** SHA-256 of bytes, or of a text in UTF-8, in hexadecimal. */
export const sha256Hex = (data: Uint8Array | string): string =>
  bytesToHex(sha256(typeof data === "string" ? utf8ToBytes(data) : data));
