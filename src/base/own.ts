/**
 * What `record` itself has under `key`, which may be any text a user wrote: `constructor` and
 * `__proto__` are names like others, and what JavaScript gives every object is none of them.
 * @returns undefined where it has nothing
 */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
