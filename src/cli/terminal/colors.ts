/**
 * Colors of our own. What is printed is cleaned of everything that a terminal would obey
 * (base/text/printable.ts), so colors are marked with a secret of this process, which no file can
 * know, and become the terminal's sequences only after that.
 */
import { randomUUID } from "node:crypto";
import pc from "picocolors";
import { withoutControls } from "../../base/text/printable.ts";
import { withoutSecrets } from "../../base/text/secrets.ts";

const MARK = `\u001b${randomUUID()}:`;
const paint =
  (begin: number, end: number) =>
  (text: string): string =>
    `${MARK}${begin}m${text}${MARK}${end}m`;

/** Colors for texts that go to an `Output`. */
export const colors = {
  dim: paint(2, 22),
  red: paint(31, 39),
  green: paint(32, 39),
  yellow: paint(33, 39),
  cyan: paint(36, 39),
} as const;

/**
 * A text as a terminal may have it: without controls and without the secrets of addresses.
 * @param colored whether colors are kept; as the environment wants unless given
 */
export function terminalText(text: string, colored: boolean = pc.isColorSupported): string {
  const [first = "", ...painted] = text.split(MARK);
  return [
    clean(first),
    ...painted.map((part) => {
      const at = part.indexOf("m") + 1;
      return `${colored ? `\u001b[${part.slice(0, at)}` : ""}${clean(part.slice(at))}`;
    }),
  ].join("");
}

const clean = (text: string): string => withoutControls(withoutSecrets(text));

/** A text without our own colors and the secrets of addresses, for callers of the library. */
export const plainText = (text: string): string =>
  text
    .split(MARK)
    .map((part, i) => withoutSecrets(i === 0 ? part : part.slice(part.indexOf("m") + 1)))
    .join("");
