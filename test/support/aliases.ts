/** YAML that grows when it is read: each list names the one before it ten times. */

/**
 * A YAML document whose every list has ten of the one before.
 * @param depth lists; the last stands for 10^(depth − 1) values
 */
export const aliasesOfAliases = (depth: number): string =>
  Array.from({ length: depth }, (_, i) => {
    const values = i === 0 ? ["x"] : Array(10).fill(`*a${i - 1}`);
    return `a${i}: &a${i} [${values.join(", ")}]`;
  }).join("\n");
