/**
 * The last run, kept in the browser's own storage (origin private file system), so that a reload or
 * a crash costs no more than what came after the last checkpoint. Not everywhere: it needs a secure
 * page, and a browser that lets workers write there.
 */
const FILE = "quarterturn-last-run.zip";

async function folder(): Promise<FileSystemDirectoryHandle | undefined> {
  return navigator.storage?.getDirectory?.().catch(() => undefined);
}

/** Whether anything can be kept here. */
export const canKeep = async (): Promise<boolean> =>
  (await folder()) !== undefined && "createWritable" in (globalThis.FileSystemFileHandle?.prototype ?? {});

/** Keep a run; it takes the place of the one before only when it is written as a whole. */
export async function keepRun(zip: Uint8Array): Promise<void> {
  const file = await (await folder())?.getFileHandle(FILE, { create: true });
  if (!file) throw new Error("this page has no storage");
  const writable = await file.createWritable();
  await writable.write(zip as Uint8Array<ArrayBuffer>);
  await writable.close();
}

async function keptFile(): Promise<File | undefined> {
  const handle = await (await folder())?.getFileHandle(FILE).catch(() => undefined);
  return handle?.getFile();
}

/** Length of the run that was kept last, in bytes; 0 when there is none. */
export const keptSize = async (): Promise<number> => (await keptFile())?.size ?? 0;

/** The run that was kept last; undefined when there is none. */
export async function keptRun(): Promise<Uint8Array | undefined> {
  const file = await keptFile();
  return file && file.size > 0 ? new Uint8Array(await file.arrayBuffer()) : undefined;
}

/** Forget the run that was kept last. */
export async function forgetRun(): Promise<void> {
  await (await folder())?.removeEntry(FILE).catch(() => undefined);
}
