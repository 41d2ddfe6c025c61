/** The same files as a folder and as archives, which must be the same set of images. */
import { linkSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { resolveSource } from "../sources/registry.node.ts";
import type { Split } from "../store/store.ts";
import { type Packed, tarGzOf, tarOf, zipOf } from "./archives.node.ts";
import { put } from "./images.node.ts";

/**
 * Contents of a file, or what a link leads to: `-> target` a symbolic one, `=> path from the top` a
 * hard one.
 */
export type Tree = Readonly<Record<string, Uint8Array | string>>;

/** The forms a tree can have. */
export const FORMS = ["folder", "zip", "tar", "tar.gz"] as const;
export type Form = (typeof FORMS)[number];

/** What a listing says, in an order that does not depend on the form. */
export interface Told {
  /** Class by path; "" where there are no classes. */
  readonly images: Readonly<Record<string, string>>;
  readonly classNames: readonly string[] | undefined;
  readonly skipped: readonly string[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly noClasses: string | undefined;
}

/** Writes `tree` in a form into the empty folder `into`. @returns what to give as DATA */
export async function writeForm(tree: Tree, form: Form, into: string): Promise<string> {
  const entries = Object.entries(tree).map(([name, contents]) => ({ name, ...entryOf(contents) }));
  if (form !== "folder") {
    const path = join(into, `set.${form}`);
    const plain = entries.map((entry) =>
      form === "zip" && entry.type === "1" ? copyOf(entry, entries) : entry,
    );
    await put(path, form === "zip" ? zipOf(plain) : form === "tar" ? tarOf(plain) : tarGzOf(plain));
    return path;
  }
  const top = join(into, "set");
  mkdirSync(top);
  for (const { name, bytes, link, type } of entries) {
    const path = join(top, name);
    mkdirSync(dirname(path), { recursive: true });
    if (link === undefined) await put(path, bytes);
    else if (type === "1") linkSync(join(top, link), path);
    else symlinkSync(link, path);
  }
  return top;
}

/** What is told of it. */
export async function tell(source: string, split: Split = "train"): Promise<Told> {
  const { definition, location } = resolveSource(source);
  const listing = await definition.list({ location, split });
  await listing.close();
  const { paths, classNames, skipped, notes, warnings, noClasses } = listing;
  const images = paths.map((path, index) => [path, classNames?.[listing.label(index)] ?? ""] as const);
  return {
    images: Object.fromEntries(images.sort(([a], [b]) => (a < b ? -1 : 1))),
    classNames,
    skipped: skipped.map(({ path, reason }) => `${path}: ${reason}`).sort(),
    notes,
    warnings,
    noClasses,
  };
}

type Linked = Packed & { readonly type?: string };

function entryOf(contents: Uint8Array | string): Omit<Linked, "name"> {
  const bytes = Buffer.from(contents);
  if (typeof contents !== "string") return { bytes };
  const [, kind, link] = /^(->|=>) (.*)$/.exec(contents) ?? [];
  if (link === undefined) return { bytes };
  return { bytes: Buffer.alloc(0), link, type: kind === "->" ? "2" : "1" };
}

/** Zip files have no hard links: what they lead to is there twice. */
function copyOf({ name, link }: Linked, entries: readonly Linked[]): Linked {
  return { name, bytes: entries.find((entry) => entry.name === link)!.bytes };
}
