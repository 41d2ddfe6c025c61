/** The studio's page as one file: it asks no server for anything. */
import { createHash } from "node:crypto";
import type { PageFile } from "../server/pages.ts";
import { CARRIED_ID, type Carried, WORKER_ID } from "./carried.ts";

/**
 * Put what the build made of the page, and what it is to show, into one document. A policy in it
 * (Content Security Policy) lets browsers refuse whatever would ask a server.
 * @param page all files of the built page by path, `/index.html` among them
 */
export function onePage(page: ReadonlyMap<string, PageFile>, carried: Carried): string {
  const [script, style, icon] = [
    assetOf(page, /^\/assets\/index-[^/]*\.js$/),
    assetOf(page, /^\/assets\/index-[^/]*\.css$/),
    assetOf(page, /^\/assets\/icon-[^/]*\.svg$/),
  ];
  const worker = assetOf(page, /^\/assets\/neighbors-worker-[^/]*\.js$/);
  // In strings, patterns and templates alike this is the same; a parser of HTML does not see the end of the element.
  const code = script.replaceAll(/<(?=\/?script)/gi, "\\x3C");
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(code)} blob:`,
    `style-src ${hashOf(style)}`,
    ...["img-src data: blob:", "worker-src blob:", "base-uri 'none'", "form-action 'none'"],
  ].join("; ");
  const data = (id: string, value: unknown): string =>
    `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll("<", "\\u003c")}</script>`;
  const licenses = page.get("/licenses.md");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Quarterturn studio</title>
<link rel="icon" type="image/svg+xml" href="data:image/svg+xml;base64,${Buffer.from(icon).toString("base64")}">
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript.</noscript>
${data(CARRIED_ID, carried)}
${data(WORKER_ID, worker)}
${licenses ? data("quarterturn-licenses", new TextDecoder().decode(licenses.bytes)) : ""}
<script type="module">${code}</script>
</body>
</html>
`;
}

/** The one file that the build gives such a name. @throws Error when there is none, or several */
function assetOf(page: ReadonlyMap<string, PageFile>, name: RegExp): string {
  const [path, ...others] = [...page.keys()].filter((path) => name.test(path));
  if (path === undefined || others.length > 0)
    throw new Error(`The built page has ${others.length + (path === undefined ? 0 : 1)} files like ${name}.`);
  return new TextDecoder().decode(page.get(path)!.bytes);
}

/** What a policy calls a script or a style by. */
const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
