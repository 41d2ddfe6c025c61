/** How many images are enough, and what is said of few. */
import { expect, it } from "vitest";
import { countWarnings, isMeasurable, requireMeasurable } from "./counts.ts";
import { protocolOf } from "./protocol.ts";
import { METRICS, metricsOf } from "./registry.ts";

const warning = (names: string, reference: number, generated: number, dimensions = 64): string =>
  countWarnings({ reference, generated }, metricsOf(names.split(",")), dimensions).join();

it("a warning names the side that is short, and FID only where it was asked for", () => {
  expect(warning("fid", 50_000, 64)).toMatch(/^Only 64 generated images \(and no more than the 64 features/);
  expect(warning("fid,kid", 1000, 50_000)).toMatch(
    /^Only 1,000 reference images: with fewer than 2,048 FID depends on how many they are/,
  );
  expect(warning("fid", 100, 200)).toMatch(
    /^Only 100 reference and 200 generated images: with fewer than 2,048 FID/,
  );
  expect(warning("fid", 50_000, 2000, 2048)).toMatch(/^Only 2,000 generated images .*the 2,048 features/);
  expect(warning("ms-ssim", 50_000, 64)).toMatch(
    /^Only 64 generated images: numbers of fewer than 2,048 scatter/,
  );
  expect(warning("kid,prdc,ms-ssim", 64, 64)).not.toMatch(/FID|singular/);
  expect(warning("fid", 2048, 2048)).toBe("");
});

it("a warning names the remedy where there is one, and what the built-in features know", () => {
  const words = (split: "test" | "all", features: string, reference = 100): string =>
    countWarnings({ reference, generated: 100 }, metricsOf(["fid"]), 64, { split, features }).join();
  expect(words("test", "other")).toMatch(/--split all/);
  expect(words("all", "other")).not.toMatch(/--split|CIFAR/);
  expect(words("test", "other", 5000)).not.toMatch(/--split/);
  expect(words("all", "resnet20-cifar10")).toMatch(/CIFAR-10's kind/);
});

it("a metric is refused of fewer images than it can be computed of", () => {
  const measurable = (reference: number, generated: number): string =>
    METRICS.filter((metric) => isMeasurable(metric, { reference, generated }, protocolOf("paper")))
      .map(({ name }) => name)
      .join();
  expect(measurable(20, 5000)).toBe("fid,kid,is,prdc,prd,ms-ssim");
  expect(measurable(5000, 19)).toBe("fid,kid,is,prdc,ms-ssim");
  expect(measurable(5, 5)).toBe("fid,kid,is,ms-ssim");
  // Five blocks of 5,000 images and less than two of the others in each.
  expect(measurable(9, 5000)).toBe("fid,is,prdc,ms-ssim");
  const require = (names: string, generated: number): void =>
    requireMeasurable(metricsOf(names.split(",")), { reference: 5000, generated }, protocolOf("clean"));
  expect(() => require("fid,prd", 19)).toThrow(
    /^PRD: 20 images on either side are the least; there are 5,000 reference and 19 generated images/,
  );
  expect(() => require("fid,kid,is,ms-ssim", 3)).not.toThrow();
});
