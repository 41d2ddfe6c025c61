/**
 * The page around a report: one file, no scripts, nothing from elsewhere; light and dark, on paper
 * and on a phone.
 */
import { escapeXml } from "../../base/text/escape.ts";

/** Markup that is complete in itself. */
export type Html = string & { readonly __html?: true };

/** Text as markup. */
export const text = (value: string | number): Html => escapeXml(String(value));

/** A table: the first row is the heading. Cells are markup. */
export function table(rows: readonly (readonly Html[])[], className = ""): Html {
  const [head = [], ...body] = rows;
  const line = (cells: readonly Html[], tag: "th" | "td"): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  return `<div class="scroll" tabindex="0"><table class="${className}"><thead>${line(head, "th")}</thead><tbody>${body.map((row) => line(row, "td")).join("")}</tbody></table></div>`;
}

/** A section with a heading. Empty ones vanish. */
export const section = (title: string, content: Html, id?: string): Html =>
  content === "" ? "" : `<section${id ? ` id="${id}"` : ""}><h2>${text(title)}</h2>${content}</section>`;

/** The whole document. @param style sheet of its parts, after the page's own */
export function page(title: string, body: Html, style = ""): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Quarterturn">
<title>${text(title)}</title>
<style>${STYLE}${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { --paper: #faf9f6; --card: #ffffff; --ink: #1c1b20; --soft: #66636d; --line: #e5e2dc; --grid: #ececea; --accent: #bf3f0b; --warn: #8a5a00; --warnback: #fdf3dc }
@media (prefers-color-scheme: dark) {
  :root { --paper: #121115; --card: #1a191f; --ink: #efedf2; --soft: #a5a1af; --line: #2e2c35; --grid: #2a2830; --accent: #ff8f63; --warn: #f0b94a; --warnback: #33290f }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
main { max-width: 74rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
header { margin-bottom: 1.75rem }
h1 { font-size: clamp(1.7rem, 4vw, 2.4rem); line-height: 1.15; letter-spacing: -.02em; margin: 0 0 .35rem }
h2 { font-size: 1.2rem; letter-spacing: -.01em; margin: 2.75rem 0 .9rem; padding-top: .9rem; border-top: 1px solid var(--line) }
h3 { font-size: 1rem; margin: 1.4rem 0 .5rem }
article > h1 { font-size: 1.7rem; margin-top: 4rem; padding-top: 1.2rem; border-top: 3px solid var(--accent) }
p { margin: .4rem 0 .8rem } .soft, figcaption { color: var(--soft) } .small, figcaption { font-size: .86rem }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.2rem, 1fr)); gap: .75rem; margin: 1.25rem 0 }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .7rem .85rem }
.facts dt { color: var(--soft); font-size: .8rem } .facts dd { margin: .1rem 0 0; font-size: 1.28rem; font-weight: 600; font-variant-numeric: tabular-nums; letter-spacing: -.01em }
.facts small { display: block; font-weight: 400; font-size: .78rem; color: var(--soft); letter-spacing: 0; line-height: 1.35 }
figure { margin: 0 } figure img { display: block; width: 100%; height: auto; border-radius: .4rem; border: 1px solid var(--line); background: #fff }
figcaption { margin-top: .35rem }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1.25rem; max-width: 62rem }
.wide img { width: auto; max-width: 100% } .crisp img { width: min(100%, 52rem); image-rendering: pixelated }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem }
.charts > figure { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .5rem; break-inside: avoid }
.charts svg { display: block; width: 100%; height: auto; font-family: inherit }
.charts svg > rect, .charts svg rect[fill="#ffffff"] { fill: var(--card) }
.charts svg text { fill: var(--ink) } .charts svg text[fill="#666666"] { fill: var(--soft) }
.charts svg line[stroke="#eeeeee"], .charts svg line[stroke="#dddddd"] { stroke: var(--grid) } .charts svg line[stroke="#444444"], .charts svg line[stroke="#888888"] { stroke: var(--soft) }
@media (prefers-color-scheme: dark) { .charts svg [stroke="#0072b2"] { stroke: #4aa8e0 } .legend i[style*="#0072b2"] { background: #4aa8e0 !important } }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: .1rem .4rem .2rem 3rem; color: var(--ink) } .legend i { display: inline-block; width: 1.1rem; height: .22rem; border-radius: .1rem; margin-right: .4rem; vertical-align: middle; print-color-adjust: exact; -webkit-print-color-adjust: exact }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: .82rem }
th, td { padding: .42rem .8rem .42rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td:first-child { white-space: nowrap } code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .86em }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .85rem 1rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere }
.warning { background: var(--warnback); border-left: 3px solid var(--warn); border-radius: .3rem; padding: .6rem .9rem; margin: .6rem 0 }
.warning b { color: var(--warn) } details { margin: .8rem 0 } summary { cursor: pointer; color: var(--accent) }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1rem; margin: .6rem 0 } a { color: var(--accent) }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line) }
@media (max-width: 40rem) { main { padding: 1.5rem 1rem 3rem } .facts { grid-template-columns: 1fr 1fr } }
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --grid: #e6e6e6; --accent: #00507d; --warn: #8a4500; --warnback: #fff }
  body { font-size: 10.5pt } main { max-width: none; padding: 0 } section, figure, .facts, table { break-inside: avoid } h2 { break-after: avoid }
  .charts { grid-template-columns: 1fr 1fr } pre { white-space: pre-wrap } details { display: none } nav { display: none }
}
`;
