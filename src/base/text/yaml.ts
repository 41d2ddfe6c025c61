/** Reading YAML that people write, and that may come from anybody. */
import { type Document, type ParsedNode, parseDocument } from "yaml";
import { type Checked, damagedContent } from "../schema.ts";

/** A sweep of a thousand named points has a hundred thousand bytes. */
export const MAX_YAML_BYTES = 1_000_000;

/**
 * Parse one YAML document.
 * @throws UserError naming the file for what is no YAML, too long, or nested too deep
 */
export function parseYamlDocument(text: string, checked: Checked): Document.Parsed<ParsedNode> {
  if (text.length > MAX_YAML_BYTES) throw damagedContent(checked, "it is too long for a file of settings");
  const document = inWords(checked, () => parseDocument(text, { logLevel: "error" }));
  const [error] = document.errors;
  if (error) throw damagedContent(checked, `it is not valid YAML: ${error.message.replace(/[.:]?\s*$/, "")}`);
  return document;
}

/**
 * The value of a YAML document, as plain JSON.
 * @throws UserError as `parseYamlDocument`, and for aliases that multiply without end
 */
export const parseYamlValue = (text: string, checked: Checked): unknown =>
  inWords(checked, () => parseYamlDocument(text, checked).toJS());

/** What the parser throws is said of the file: it is about what stands in it. */
function inWords<T>(checked: Checked, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw damagedContent(checked, "it is nested too deep", error);
    // Aliases of aliases that would fill the memory, and those of anchors that are not there.
    if (error instanceof ReferenceError) throw damagedContent(checked, aliasProblem(error), error);
    throw error;
  }
}

const aliasProblem = ({ message }: Error): string =>
  /excessive/i.test(message)
    ? "its aliases (*name) stand for too many values"
    : "an alias (*name) has no anchor (&name) before it";
