/**
 * FID from features that are already there: two sets of 10,000 × 2,048, the size of Inception's.
 * `npm run bench:fid [runs]`. Says what every stage takes, and checks the result: the second set is
 * the first one shifted by a known distance, so its FID is that distance squared.
 */
import { randomStream } from "../src/base/random.ts";
import { momentsOf } from "../src/metrics/extraction/moments.ts";
import { openProducts } from "../src/metrics/linalg/products.node.ts";
import { frechetDistance } from "../src/metrics/scores/frechet.ts";

const COUNT = 10_000;
const DIMENSIONS = 2048;
const SHIFT = 0.1;

const stream = randomStream(1, "bench fid");
// Uneven variances and correlated neighbors, as features have them.
const first = new Float32Array(COUNT * DIMENSIONS);
for (let i = 0; i < COUNT; i++)
  for (let j = 0, before = 0; j < DIMENSIONS; j++) {
    before = 0.5 * before + stream.normal() / (1 + j / 200);
    first[i * DIMENSIONS + j] = Math.abs(before);
  }
const second = first.map((value) => value + SHIFT);

const products = openProducts();
const seconds = (since: number): number => (performance.now() - since) / 1000;
for (let run = 0; run < Number(process.argv[2] ?? 3); run++) {
  const begun = performance.now();
  const before = process.cpuUsage();
  const a = await momentsOf(first, DIMENSIONS, products);
  const b = await momentsOf(second, DIMENSIONS, products);
  const moments = seconds(begun);
  const fid = await frechetDistance(a, b, products);
  const total = seconds(begun);
  const { user, system } = process.cpuUsage(before);
  console.log(
    `moments of both ${moments.toFixed(2)} s · distance ${(total - moments).toFixed(2)} s · together ${total.toFixed(2)} s ` +
      `(${((user + system) / 1e6).toFixed(2)} s of processor time) · ` +
      `FID ${fid.toFixed(6)} (exactly ${(DIMENSIONS * SHIFT * SHIFT).toFixed(6)})`,
  );
}
await products.close();
