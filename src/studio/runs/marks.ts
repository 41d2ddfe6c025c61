/**
 * What people write on a run: a note, tags, whether it is archived. It lies in the run folder, so
 * it goes where the run goes and is read without the page: `note.md` is text, `marks.json` the
 * rest.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { errorCode, writeFileWhole } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import { withoutUndefined } from "../../base/without-undefined.ts";
import { readOwn, refuseLink } from "../../training/run/folder/own-files.node.ts";

/** Bytes of a note, letters of a tag, tags of a run, at the most. */
const MAX_NOTE = 65_536;
const MAX_TAG = 60;
const MAX_TAGS = 40;

/** What is written on a run. */
export interface RunMarks {
  /** Markdown; empty without one. */
  readonly note: string;
  readonly tags: readonly string[];
  readonly archived: boolean;
}

/** Of a run on which nothing is written. */
export const NO_MARKS: RunMarks = { note: "", tags: [], archived: false };

const MARKS = z.object({ tags: z.array(z.string()).default([]), archived: z.boolean().default(false) });
const CHANGE = z
  .strictObject({
    note: z.string().max(MAX_NOTE),
    tags: z.array(z.string().trim().min(1).max(MAX_TAG)).max(MAX_TAGS),
    archived: z.boolean(),
  })
  .partial();

/**
 * The marks of the run in `dir`; none where they cannot be read: a run is not lost for a damaged
 * mark.
 */
export async function readMarks(dir: string): Promise<RunMarks> {
  const text = async (name: string): Promise<string> =>
    (
      await readOwn(dir, name, { max: 2 * MAX_NOTE, what: "what is written on a run" }).catch(() => undefined)
    )?.toString("utf8") ?? "";
  const [note, json] = await Promise.all([text("note.md"), text("marks.json")]);
  return { note, ...parseMarks(json) };
}

function parseMarks(json: string): z.output<typeof MARKS> {
  const none = { tags: [], archived: false };
  try {
    return json === "" ? none : (MARKS.safeParse(JSON.parse(json)).data ?? none);
  } catch {
    return none;
  }
}

/**
 * Write on the run in `dir`; what `change` leaves out stays.
 * @param change from anywhere: it is checked
 * @throws UserError when it is no change of marks, or a mark is a link
 */
export async function writeMarks(dir: string, change: unknown): Promise<RunMarks> {
  const checked = CHANGE.safeParse(change);
  if (!checked.success)
    throw new UserError(
      "That cannot be written on a run.",
      `A note has up to ${MAX_NOTE} letters; up to ${MAX_TAGS} tags have up to ${MAX_TAG} each.`,
    );
  const before = await readMarks(dir);
  const { note, tags, archived }: RunMarks = { ...before, ...withoutUndefined(checked.data) };
  const marks = { note, tags: [...new Set(tags)].sort(), archived };
  const put = async (name: string, content: string): Promise<void> => {
    const path = join(dir, name);
    refuseLink(path);
    if (content !== "") await writeFileWhole(path, content);
    else
      await rm(path).catch((error: unknown) => {
        if (errorCode(error) !== "ENOENT") throw error;
      });
  };
  if (checked.data.note !== undefined) await put("note.md", note);
  const plain = marks.tags.length === 0 && !archived;
  if (checked.data.tags || checked.data.archived !== undefined)
    await put("marks.json", plain ? "" : `${JSON.stringify({ tags: marks.tags, archived }, undefined, 2)}\n`);
  return marks;
}
