/** Files that the page makes. */

/** Let the user keep something as a file. */
export function download(name: string, content: Uint8Array | Blob | string, type: string): void {
  const url = URL.createObjectURL(new Blob([content as BlobPart], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Firefox reads the URL after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A name for a file, from words. */
export const fileName = (words: string, ending: string): string =>
  `${words
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.=]+/gu, "-")
    .replace(/^-+|-+$/g, "")}.${ending}`;

/** An address of a picture in this page, until it is revoked. */
export const pngAddress = (png: Uint8Array): string =>
  URL.createObjectURL(new Blob([png as Uint8Array<ArrayBuffer>], { type: "image/png" }));
