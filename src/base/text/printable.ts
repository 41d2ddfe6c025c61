/**
 * Text from files, names and servers, fit for a terminal or a page: control characters, with which
 * a terminal can be told to do things, and those that turn the direction of writing, with which a
 * text can look like another one, are written out.
 */

/**
 * All controls but tab and line feed, deletion, the second set of controls, and the marks of
 * direction that enclose text.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** `\x1b`, `\u202e` */
const written = (character: string): string => {
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
};

/** A text of any number of lines without anything that a terminal would obey. */
export const withoutControls = (text: string): string => text.replace(CONTROLS, written);

/** JSON for a terminal: the same value, with escapes for what `JSON.stringify` leaves as it is. */
export const jsonWithoutControls = (json: string): string =>
  json.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A name on one line: line feeds and tabs are written out too. */
export const printable = (name: string): string => withoutControls(name).replace(/[\t\n]/g, written);
