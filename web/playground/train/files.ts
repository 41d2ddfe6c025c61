/** What was dropped or chosen: files, or folders with all that is below them. */
import type { Source } from "./decode.ts";

/** Files with their paths, and what to call them together. */
export interface Dropped {
  readonly name: string;
  readonly sources: readonly Source[];
}

/** Files of an `<input type="file">`, with `webkitdirectory` or without. */
export function chosenFiles(list: FileList | null): Dropped {
  const sources = Array.from(list ?? [], (file) => ({
    path: file.webkitRelativePath || file.name,
    content: file as Blob,
  }));
  return { name: nameOf(sources), sources };
}

/**
 * Everything in a drop. Must be called before the event handler returns: the browser takes the
 * entries away after it.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<Dropped> {
  const plain = chosenFiles(transfer.files);
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter(
    (entry) => entry !== null,
  );
  // What was not dragged from the system's own folders has no entries.
  if (entries.length === 0) return plain;
  const sources = (await Promise.all(entries.map((entry) => filesBelow(entry)))).flat();
  return { name: nameOf(sources), sources };
}

async function filesBelow(entry: FileSystemEntry): Promise<Source[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: entry.fullPath.slice(1), content: file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  // A reader gives a hundred entries at a time, and none at the end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) break;
    found.push(...part.filter(({ name }) => !name.startsWith(".")));
  }
  return (await Promise.all(found.map(filesBelow))).flat();
}

const nameOf = (sources: readonly Source[]): string => {
  const folder = sources[0]?.path.split("/");
  return folder && folder.length > 1 ? folder[0]! : sources.length === 1 ? sources[0]!.path : "pictures";
};
