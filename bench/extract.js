/**
 * Our side of `npm run bench:features`: features of one batch as `evaluate` takes them, from the
 * built package.
 *
 *     node bench/extract.js '{"path": "inception.onnx", "images": "images.bin", "batch": 32, "warmup": 1, "repeats": 3, "threads": 2}'
 *
 * Prints one JSON line.
 */
import { readFileSync } from "node:fs";
import { residentMemory } from "../dist/engine/devices/cpu.node.js";
import { openOnnxFeatures } from "../dist/metrics/features/onnx-file.node.js";

const { path, images, batch, warmup, repeats, threads } = JSON.parse(process.argv[2]);
const pixels = readFileSync(images);
const network = await openOnnxFeatures(path, { threads });
const seconds = [];
let features;
for (let i = 0; i < warmup + repeats; i++) {
  const started = performance.now();
  ({ features } = await network.extract(pixels, batch, network.size));
  if (i >= warmup) seconds.push((performance.now() - started) / 1000);
}
await network.close();
console.log(
  JSON.stringify({
    seconds,
    sample: [...features.subarray(0, 16)],
    peakMemoryMB: residentMemory().peak / 2 ** 20,
  }),
);
