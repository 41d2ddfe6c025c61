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
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; background: light-dark(#faf9f6, #121115); color: light-dark(#1c1b20, #efedf2) }
body { max-width: 42rem; margin: 0 auto; padding: 2rem 1rem }
section { display: grid; grid-template-columns: repeat(4, 1fr); gap: .5rem; margin-top: 1rem }
canvas { width: 100%; border-radius: .5rem; image-rendering: pixelated }
button { font: inherit; padding: .4rem 1.1rem; border: 0; border-radius: 99px; background: #bf3f0b; color: #fff; cursor: pointer }
button:disabled { opacity: .6; cursor: default }
</style>
<main><h1>${escapeXml(facts.name)}</h1>
<p><button disabled>Other images</button> <span role="status">Loading…</span></p><section></section></main>
<noscript>This page needs JavaScript.</noscript>
<script type="module">
const runtime = "https://cdn.jsdelivr.net/npm/onnxruntime-web@${runtimeVersion}/dist/ort.wasm.min.mjs";
const button = document.querySelector("button"), status = document.querySelector("[role=status]");
const say = (text) => (status.textContent = text);
// What is waited for, and what it means when it does not come.
async function step(name, help, work) {
  say(\`Loading \${name}…\`);
  const slow = setTimeout(() => say(\`Still waiting for \${name}. \${help}\`), 15000);
  try {
    return await work();
  } catch (error) {
    throw new Error(\`\${name} could not be loaded. \${help} (\${error.message ?? error})\`);
  } finally {
    clearTimeout(slow);
  }
}
try {
  if (location.protocol === "file:")
    throw new Error("Browsers let no page that is opened from the disk read the files beside it. Serve this folder, for example with “npx serve”, and open the address that it prints.");
  const ort = await step("onnxruntime-web from cdn.jsdelivr.net", "This page takes it from there, so it needs a network. To do without, bundle onnxruntime-web with it.", () => import(runtime));
  const session = await step("generator.onnx", "It has to lie beside this page.", () => ort.InferenceSession.create("generator.onnx"));
  const show = async () => {
    const z = Float32Array.from({ length: ${SHOWN} * ${latentSize} }, () => ${latent});
    const inputs = { z: new ort.Tensor("float32", z, [${SHOWN}, ${latentSize}]) };${labels}
    const { images } = await session.run(inputs); // uint8 [${SHOWN}, 3, ${side}, ${side}]
    document.querySelector("section").replaceChildren(...Array.from({ length: ${SHOWN} }, (_, n) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: ${side}, height: ${side} });
      const picture = new ImageData(${side}, ${side}), area = ${side * side}, from = n * 3 * area;
      for (let i = 0; i < area; i++) picture.data.set([0, 1, 2].map((c) => images.data[from + c * area + i]).concat(255), 4 * i);
      canvas.getContext("2d").putImageData(picture, 0, 0);
      return canvas;
    }));
  };
  Object.assign(button, { onclick: show, disabled: false });
  say("");
  await show();
} catch (error) {
  button.hidden = true;
  status.setAttribute("role", "alert");
  say(error.message);
}
</script></html>
`;
}
