import { it } from "vitest";
import * as g from "./index.ts";
import { gradients } from "./autodiff.ts";
import { Inputs, positives } from "./testing/samples.ts";
it("pool", async () => {
  const i = new Inputs(1);
  const x = i.tensor([1,1,2,4]);
  const r = await i.run({ y: g.sumPool(g.pad(x, [0,0,0,0],[0,0,2,0]), 2) });
  console.log(r.y);
});
for (const h of [0.04, 0.02, 0.01, 0.005]) it("bn " + h, async () => {
  const inputs = new Inputs(2136869493);
  const [n, c] = [2, 1];
      const x = inputs.tensor([n, c, 4, 4]);
      const kernel = inputs.tensor([c, c, 3, 3]);
      const gain = inputs.tensor([1, c, 1, 1], positives);
  const f = (image: any, k: any, gamma: any) => {
        const centred = g.sub(image, g.mean(image, [0, 2, 3], true));
        const variance = g.mean(g.mul(centred, centred), [0, 2, 3], true);
        const normalised = g.mul(g.div(centred, g.sqrt(g.add(variance, 0.1))), gamma);
        const h = g.conv2d(g.softplus(normalised), k, undefined, { padding: 1 });
        return g.sum(g.tanh(g.sumPool(h, 2)), [2, 3]);
      };
  const variables = [x, kernel, gain];
  const at = [...variables, inputs.tensor(f(...variables as [any, any, any]).shape)];
  const along = at.map((t) => inputs.tensor(t.shape));
  const across = at.map((t) => inputs.tensor(t.shape));
  const inner = (a: any[], b: any[]) => a.map((x, i) => g.sum(g.mul(x, b[i]!))).reduce((x, y) => g.add(x, y), g.constant(0));
  const first = (z: any[]) => g.sum(g.mul(f(...z.slice(0, -1) as [any,any,any]), z.at(-1)!));
  const second = (z: any[]) => inner(gradients(first(z), z), across);
  const r: any = { s: inner(gradients(second(at), at), along), v: second(at) };
  for (const c of [-2,-1,1,2]) r["p"+c] = second(at.map((t, i) => g.add(t, g.mul(along[i]!, c * h))));
  const v = await inputs.run(r) as any;
  console.log(h, v.s[0], (8*(v.p1[0]-v["p-1"][0]) - (v.p2[0]-v["p-2"][0]))/12/h, v.v[0]);
});
