/**
 * The order of names as people expect it: numbers in them by their size, decimals and exponents
 * included.
 */

/**
 * A number as it stands in a name; one with a point or an exponent is a decimal, not two whole
 * numbers.
 */
const NUMBER = /\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;
const collator = new Intl.Collator("en", { sensitivity: "base" });

/** A part of a name: text or a number. */
type Part = string | number;

function partsOf(name: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of name.matchAll(NUMBER)) {
    parts.push(name.slice(from, match.index), Number(match[0]));
    from = match.index + match[0].length;
  }
  parts.push(name.slice(from));
  return parts;
}

/**
 * Compare two names for sorting: `run-2` before `run-10`, `rate=0.0002` before `rate=0.001`, `1e-4`
 * before `2e-4`; of paths, folder by folder. Names that differ only in how they are written
 * (capitals, leading zeros) are told apart by their characters, so that the order is one.
 */
export function naturalOrder(a: string, b: string): number {
  const [left, right] = [a.split("/"), b.split("/")];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareNames(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length || (a < b ? -1 : a > b ? 1 : 0);
}

function compareNames(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [one, other] = [left[i]!, right[i]!];
    // Texts and numbers alternate, so both are of one kind. A number too large to be one is equal to others such.
    const order =
      typeof one === "number"
        ? Number(one > (other as number)) - Number(one < (other as number))
        : collator.compare(one, other as string);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
