import { withoutControls } from "./printable.ts";

/**
 * Text for an XML or HTML document, between tags or in double quotes. Control characters, which XML
 * cannot hold, are written out.
 */
export function escapeXml(text: string): string {
  return withoutControls(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
