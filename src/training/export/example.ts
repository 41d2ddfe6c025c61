/**
 * A page that shows an exported generator, in one file: runtime and generator are in it, so that it
 * works from the disk and without a network.
 */

import { escapeXml } from "../../base/text/escape.ts";
import { formatCount } from "../../base/text/format/index.ts";

/** What the page has to know of the generator. */
export interface ExampleFacts {
  readonly name: string;
  readonly latentSize: number;
  readonly latentDistribution: "normal" | "uniform";
  readonly resolution: number;
  /** 0 for an unconditional generator. */
  readonly classes: number;
}

/** What the page carries, in base64. */
export interface ExampleFiles {
  /** The ONNX file. */
  readonly generator: string;
  /** onnxruntime-web: a module of JavaScript and its WebAssembly, each compressed with gzip. */
  readonly script: string;
  readonly wasm: string;
}

/** Images shown. */
const SHOWN = 16;

/**
 * `export/example.html`. It can be opened from the disk, and asks no server for anything.
 * A policy in it (Content Security Policy) lets browsers refuse whatever would.
 */
export function exampleHtml(facts: ExampleFacts, files: ExampleFiles): string {
  const { latentSize, resolution: side, classes } = facts;
  const latent =
    facts.latentDistribution === "normal"
      ? "Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())"
      : "2 * Math.random() - 1";
  const labels =
    classes > 0
      ? `\n  inputs.labels = new ort.Tensor("int64", BigInt64Array.from({ length: ${SHOWN} }, (_, i) => BigInt(i % ${classes})), [${SHOWN}]);`
      : "";
  const data = (id: keyof ExampleFiles): string =>
    `<script type="text/plain" id="${id}">${files[id]}</script>`;
  return `<!doctype html>
<!-- The generator ${escapeXml(facts.name).replaceAll("--", "- -")} in one file, with onnxruntime-web (MIT License, Copyright (c) Microsoft Corporation). Open it; no server and no network are needed. -->
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeXml(facts.name)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; img-src data: blob:">
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; background: light-dark(#faf9f6, #121115); color: light-dark(#1c1b20, #efedf2) }
body { max-width: 48rem; margin: 0 auto; padding: 2rem 1.25rem }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -.02em; font-weight: 650; overflow-wrap: anywhere }
.card { background: light-dark(#fff, #1a191f); border: 1px solid light-dark(#e5e2dc, #2e2c35); border-radius: 14px; padding: 1.15rem 1.25rem }
.muted { color: light-dark(#66636d, #a5a1af); font-size: .85rem }
section { display: grid; grid-template-columns: repeat(4, 1fr); gap: .5rem; margin-top: 1rem }
canvas { width: 100%; border-radius: 8px; image-rendering: pixelated }
button { font: inherit; font-weight: 550; min-height: 2.25rem; padding: .35rem .95rem; border: 0; border-radius: 999px; background: light-dark(#bf3f0b, #ff8f63); color: light-dark(#fff, #1a0d06); cursor: pointer }
button:disabled { opacity: .5; cursor: default }
:focus-visible { outline: 2px solid light-dark(#bf3f0b, #ff8f63); outline-offset: 2px }
</style></head><body>
<main><h1>${escapeXml(facts.name)}</h1>
<div class="card"><p><button disabled>Other images</button> <span role="status">Loading the generator…</span></p><section aria-label="Generated images"></section></div>
<p class="muted">Every image is made in this page: ${formatCount(latentSize)} random numbers go in, an image of ${side}×${side} comes out. Nothing is sent anywhere.</p></main>
<noscript>This page needs JavaScript.</noscript>
${(["script", "wasm", "generator"] as const).map(data).join("\n")}
<script type="module">
const button = document.querySelector("button"), status = document.querySelector("[role=status]");
const carried = (id) => {
  const element = document.getElementById(id), bytes = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
  element.remove();
  return bytes;
};
const unpacked = async (id) => new Uint8Array(await new Response(new Blob([carried(id)]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
try {
  const module = URL.createObjectURL(new Blob([await unpacked("script")], { type: "text/javascript" }));
  const ort = await import(module);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = (await unpacked("wasm")).buffer;
  const session = await ort.InferenceSession.create(carried("generator"), { executionProviders: ["wasm"] });
  const show = async () => {
    const z = Float32Array.from({ length: ${SHOWN} * ${latentSize} }, () => ${latent});
    const inputs = { z: new ort.Tensor("float32", z, [${SHOWN}, ${latentSize}]) };${labels}
    const { images } = await session.run(inputs); // uint8 [${SHOWN}, 3, ${side}, ${side}]
    document.querySelector("section").replaceChildren(...Array.from({ length: ${SHOWN} }, (_, n) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: ${side}, height: ${side}, role: "img", ariaLabel: \`Image \${n + 1}\` });
      const picture = new ImageData(${side}, ${side}), area = ${side * side}, from = n * 3 * area;
      for (let i = 0; i < area; i++) picture.data.set([0, 1, 2].map((c) => images.data[from + c * area + i]).concat(255), 4 * i);
      canvas.getContext("2d").putImageData(picture, 0, 0);
      return canvas;
    }));
  };
  Object.assign(button, { onclick: show, disabled: false });
  await show();
  status.textContent = "";
} catch (error) {
  button.hidden = true;
  status.setAttribute("role", "alert");
  status.textContent = \`The generator could not be loaded: \${error.message ?? error}. A browser of 2023 or later is needed.\`;
}
</script></body></html>
`;
}
