/** A page that shows an exported generator: the whole of what a web developer needs, small enough to be read at a glance. */
import { escapeXml } from "../../base/escape.ts";

/** What the page has to know of the generator. */
export interface ExampleFacts {
  readonly name: string;
  readonly latentSize: number;
  readonly latentDistribution: "normal" | "uniform";
  readonly resolution: number;
  /** 0 for an unconditional generator. */
  readonly classes: number;
  /** Of onnxruntime-web, taken from the npm package over a CDN. */
  readonly runtimeVersion: string;
}

/** Images shown. */
const SHOWN = 16;

/** `export/example.html`. Needs generator.onnx beside it and a web server, as browsers do not let pages of the disk read files. */
export function exampleHtml(facts: ExampleFacts): string {
  const { latentSize, resolution: side, classes, runtimeVersion } = facts;
  const latent =
    facts.latentDistribution === "normal"
      ? "Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())"
      : "2 * Math.random() - 1";
  const labels =
    classes > 0
      ? `\n  inputs.labels = new ort.Tensor("int64", BigInt64Array.from({ length: ${SHOWN} }, (_, i) => BigInt(i % ${classes})), [${SHOWN}]);`
      : "";
  return `<!doctype html>
<!-- Serve this folder, for example with "npx serve", and open example.html. onnxruntime-web comes from a CDN; bundle it to do without. -->
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeXml(facts.name)}</title>
<style>body { font: 1rem system-ui; text-align: center } canvas { width: 6rem; margin: .1rem; image-rendering: pixelated }</style>
<h1>${escapeXml(facts.name)}</h1><p><button disabled>Loading…</button></p><main></main>
<script type="module">
import * as ort from "https://cdn.jsdelivr.net/npm/onnxruntime-web@${runtimeVersion}/dist/ort.wasm.min.mjs";
const session = await ort.InferenceSession.create("generator.onnx");
const button = document.querySelector("button");
async function show() {
  const z = Float32Array.from({ length: ${SHOWN} * ${latentSize} }, () => ${latent});
  const inputs = { z: new ort.Tensor("float32", z, [${SHOWN}, ${latentSize}]) };${labels}
  const { images } = await session.run(inputs); // uint8 [${SHOWN}, 3, ${side}, ${side}]
  document.querySelector("main").replaceChildren(...Array.from({ length: ${SHOWN} }, (_, n) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: ${side}, height: ${side} });
    const picture = new ImageData(${side}, ${side}), area = ${side * side}, from = n * 3 * area;
    for (let i = 0; i < area; i++) picture.data.set([0, 1, 2].map((c) => images.data[from + c * area + i]).concat(255), 4 * i);
    canvas.getContext("2d").putImageData(picture, 0, 0);
    return canvas;
  }));
}
Object.assign(button, { onclick: show, disabled: false, textContent: "Other images" });
await show();
</script></html>
`;
}
