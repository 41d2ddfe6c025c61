/**
 * Names that say nothing of the images: of a folder that is called after what is in it, or of none.
 */
const SAY_NOTHING = new Set(["images", "memory"]);

/** `images of cats`; `images` alone where the name of the data set says nothing. */
export const imagesOf = (name: string): string =>
  SAY_NOTHING.has(name.toLowerCase()) ? "images" : `images of ${name}`;
