/** The names that tables of labels have, as in Hugging Face's ImageFolder. */
export const METADATA_NAMES = ["metadata.csv", "metadata.jsonl"] as const;
/** One of them. */
export type MetadataName = (typeof METADATA_NAMES)[number];

/** Whether the file at `path` is such a table by its name. */
export const isMetadata = (path: string): boolean =>
  METADATA_NAMES.some((name) => path === name || path.endsWith(`/${name}`));
