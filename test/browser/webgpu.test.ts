/**
 * The WebGPU engine in a real browser, without a graphics card on Chromium's driver in software:
 * one case of every primitive, and ten steps of training against the CPU engine of Node.
 * (test/browser/webgpu-native.test.ts tries all cases, in Node.)
 */
import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import { type PageServer, servePages } from "../../scripts/serve-pages.ts";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import { expectClose } from "../support/close.ts";
import { SOFTWARE_GPU } from "../support/gpu.ts";
import { describeWith } from "../support/needs.ts";
import { byOperation, type Case } from "../support/primitive-cases.ts";
import { buildTestPage, findChromium, launch, NO_CHROMIUM, withPage } from "./browser.ts";
import { expectSameTraining } from "./compare.ts";
import type { PageUnderTest } from "./page/main.ts";
import { trainSmall } from "./training.ts";

const chromium = findChromium();
const TRAINING = { resolution: 16, width: 4, batchSize: 4, steps: 10 };
const { cases } = JSON.parse(
  readFileSync(new URL("../goldens/primitives.json", import.meta.url), "utf8"),
) as { cases: Case[] };

declare const underTest: PageUnderTest;

describeWith(NO_CHROMIUM, "WebGPU in a browser", () => {
  let browser: Browser;
  let built: Awaited<ReturnType<typeof buildTestPage>>;
  let served: PageServer;
  let found = false;

  beforeAll(async () => {
    [browser, built] = await Promise.all([launch(chromium!, SOFTWARE_GPU), buildTestPage()]);
    served = await servePages(built.folder, false);
    found = await withPage(browser, served, (page) => page.evaluate(() => underTest.hasGpu()));
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    built?.remove();
  });
  const needGpu = ({ skip }: TestContext): void => skip(!found, "this Chromium finds no GPU adapter");

  test("one case of every primitive", async (context) => {
    needGpu(context);
    const firstCases = byOperation(cases).map(([, [first]]) => first!);
    const computed = await withPage(browser, served, (page) =>
      page.evaluate((some) => underTest.compute({ device: "webgpu", threads: 0 }, some), firstCases),
    );
    expect(computed.length).toBeGreaterThan(firstCases.length);
    for (const { name, actual, expected } of computed)
      expectClose(actual, expected, { relative: 2e-5, absolute: 2e-5, name });
  });

  test("ten steps of training are those of the CPU in Node", async (context) => {
    needGpu(context);
    const cpu = await createInThreadEngine({ device: "cpu", threads: 1 });
    const expected = await trainSmall(cpu, TRAINING);
    await cpu.close();
    const actual = await withPage(browser, served, (page) =>
      page.evaluate((training) => underTest.train({ device: "webgpu", threads: 0 }, training), TRAINING),
    );
    expect(actual.engine).toMatch(/^webgpu, 1 thread, ONNX Runtime .* \(WebAssembly\)$/);
    expectSameTraining(actual, expected);
    expect(served.requested.filter((path) => path.endsWith(".wasm"))[0]).toMatch(/jspi|asyncify/);
  });
});
