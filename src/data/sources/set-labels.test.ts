/** Labels of a set as a folder or an archive: what cannot be used is never in the way. */
import { describe, expect, it } from "vitest";
import { FORMS, type Tree, tell, writeForm } from "../testing/forms.node.ts";
import { temporaryFolders } from "../testing/images.node.ts";
import { plainPng } from "../testing/open.node.ts";

const newFolder = temporaryFolders();

describe.each(FORMS)("labels in a %s", (form) => {
  const told = async (table: string, extra: Tree = {}): ReturnType<typeof tell> => {
    const png = await plainPng(1);
    const tree = { "img/a.png": png, "img/b.png": png, "metadata.jsonl": table, ...extra };
    return tell(await writeForm(tree, form, newFolder()));
  };

  it("that cannot be used are never in the way: a note, and the reason for whoever needs them", async () => {
    const nulls = '{"file_name":"img/a.png","label":"x"}\n{"file_name":"img/b.png","label":null}\n';
    expect(await told(nulls)).toMatchObject({
      images: { "img/a.png": "", "img/b.png": "" },
      classNames: undefined,
      skipped: [],
      noClasses: "metadata.jsonl has no label in 1 of 2 rows (the first in line 2)",
    });
    expect((await told(nulls)).notes).toContain(
      "No labels are used: metadata.jsonl has no label in 1 of 2 rows (the first in line 2).",
    );
    const other = await told('{"image":"a.png","text":"x"}');
    expect([other.classNames, other.noClasses]).toEqual([undefined, other.notes.at(-1)?.slice(0, -1)]);
    expect(other.notes).toContain(
      'metadata.jsonl has no columns "file_name" and "label" (but "image", "text") and is not used.',
    );
    expect((await told('{"file_name":"elsewhere.png","label":1}')).noClasses).toMatch(
      /^metadata.jsonl names none/,
    );
  });

  it("two tables that contradict each other give none", async () => {
    const line = (label: string): string => `{"file_name":"img/a.png","label":"${label}"}`;
    const { noClasses } = await told(line("x"), { "metadata.csv": "file_name,label\nimg/a.png,y\n" });
    expect(noClasses).toBe("metadata.jsonl and another table give img/a.png different labels");
  });
});
