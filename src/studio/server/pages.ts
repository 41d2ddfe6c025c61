/**
 * The built page: read once when the server starts, so that only files that were there then are
 * ever served.
 */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../../base/errors.ts";
import { escapeXml } from "../../base/text/escape.ts";

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  // Not served: what is saved as one file takes it along.
  ".md": "text/markdown; charset=utf-8",
};

/** Where the build puts it, seen from the built program or from the sources. */
const PLACES = ["../../pages/studio", "../../../dist/pages/studio"];

/**
 * All files by their path, `/index.html` among them.
 * @throws UserError when the page was not built
 */
export function loadPage(): ReadonlyMap<string, PageFile> {
  for (const place of PLACES) {
    const folder = fileURLToPath(new URL(place, import.meta.url));
    const files = readFolder(folder);
    if (files.has("/index.html")) return files;
  }
  throw new UserError("The studio's page is not built.", "In a checkout: npm run build.");
}

function readFolder(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  let entries: { isFile(): boolean; parentPath: string; name: string }[];
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    return files;
  }
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = new Uint8Array(readFileSync(path));
    files.set(`/${relative(folder, path).split(sep).join("/")}`, { type, bytes });
  }
  return files;
}

/** What the page says of a folder without runs. */
export interface StartHint {
  /** The folder that is served, as its reader may know it. */
  readonly folder: string;
  /**
   * Commands that make a run in it: on the images that come with the package, and on the reader's
   * own.
   */
  readonly commands: readonly [builtIn: string, own: string];
  /**
   * The words before a command of this program, and the folder that ids of runs are paths in, as a
   * command takes them.
   */
  readonly call?: string;
  readonly place?: string;
}

/** The page with the token and the hint in it. */
export function withToken(html: string, token: string, hint: StartHint): string {
  const metas = [
    ["token", token],
    ["start", JSON.stringify(hint)],
  ].map(([name, content]) => `<meta name="quarterturn-${name}" content="${escapeXml(content!)}">`);
  // A function: "$" in a folder's name means nothing.
  return html.replace("</head>", () => `${metas.join("")}</head>`);
}
