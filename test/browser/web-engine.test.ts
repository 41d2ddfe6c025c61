/**
 * The web engine in a real browser: the training loop with onnxruntime-web's WebAssembly build, on
 * pages that may share memory between workers and on pages that may not, against the CPU engine of
 * Node.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PageServer, servePages } from "../../scripts/serve-pages.ts";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import { expectClose } from "../support/close.ts";
import { describeWith } from "../support/needs.ts";
import { buildTestPage, findChromium, launch, NO_CHROMIUM, withPage } from "./browser.ts";
import { expectSameTraining } from "./compare.ts";
import type { PageUnderTest, PlainResult } from "./page/main.ts";
import { type SmallResult, trainSmall } from "./training.ts";

const chromium = findChromium();
const TRAINING = { resolution: 32, width: 8, batchSize: 16, steps: 10 };

declare const underTest: PageUnderTest;

describeWith(NO_CHROMIUM, "web engine", () => {
  let browser: Browser;
  let built: Awaited<ReturnType<typeof buildTestPage>>;
  let expected: SmallResult;

  beforeAll(async () => {
    [browser, built] = await Promise.all([launch(chromium!), buildTestPage()]);
    const engine = await createInThreadEngine({ device: "cpu", threads: 2 });
    expected = await trainSmall(engine, TRAINING);
    await engine.close();
  });
  afterAll(async () => {
    await browser?.close();
    built?.remove();
  });

  describe.each([
    ["cross-origin isolated", true, 2],
    ["not isolated", false, 1],
  ])("page %s", (_, isolated, threads) => {
    let served: PageServer;
    beforeAll(async () => {
      served = await servePages(built.folder, isolated);
    });
    afterAll(() => served.close());

    const onPage = <T>(use: (page: Page) => Promise<T>): Promise<T> =>
      withPage(browser, served, async (page) => {
        expect(await page.evaluate(() => underTest.isolated)).toBe(isolated);
        return use(page);
      });

    test("ten steps are those of Node, with several threads twice the same", async () => {
      const run = (): Promise<PlainResult> =>
        onPage((page) =>
          page.evaluate(([training, many]) => underTest.train({ device: "cpu", threads: many }, training), [
            TRAINING,
            threads,
          ] as const),
        );
      const first = await run();
      expect(first.threads).toBe(threads);
      expect(first.engine).toMatch(/^cpu, \d threads?, ONNX Runtime 1\.\d+\.\d+ \(WebAssembly\)$/);
      expectSameTraining(first, expected);
      if (threads === 1) return;
      const second = await run();
      expect(second.losses).toEqual(first.losses);
      expect(second.state).toEqual(first.state);
    });

    test("from the page, with the engine alone in a worker, the same", async () => {
      const result = await onPage((page) =>
        page.evaluate(
          ([training, many]) => underTest.trainRemotely({ device: "auto", threads: many }, training),
          [{ ...TRAINING, steps: 2 }, threads] as const,
        ),
      );
      expect(result.losses).toHaveLength(2);
      expectClose(
        result.losses.map(({ generator }) => generator),
        expected.losses.slice(0, 2).map(({ generator }) => generator),
        { relative: 1e-4, name: "losses" },
      );
    });

    test("a training loop beside the engine hears that it is to stop", async () => {
      const { losses } = await onPage((page) =>
        page.evaluate((training) => underTest.train({ device: "cpu", threads: 0 }, training, 3), {
          ...TRAINING,
          steps: 100_000,
        }),
      );
      expect(losses.length).toBeGreaterThanOrEqual(3);
      expect(losses.length).toBeLessThan(100);
    });

    test("only the WebAssembly build without a GPU is fetched", async () => {
      expect(served.requested.filter((path) => path.endsWith(".wasm"))).not.toEqual([]);
      for (const path of served.requested) expect(path).not.toMatch(/asyncify|jspi|jsep/);
    });

    test.runIf(!isolated)("several threads are refused, with the headers that allow them", async () => {
      const refusal = await onPage((page) =>
        page.evaluate(() => underTest.refusal({ device: "cpu", threads: 4 })),
      );
      expect(refusal).toMatch(/not cross-origin isolated.*Cross-Origin-Opener-Policy: same-origin/);
    });

    test("a device that browsers do not have is refused", async () => {
      const refusal = await onPage((page) =>
        page.evaluate(() => underTest.refusal({ device: "cuda", threads: 0 })),
      );
      expect(refusal).toContain('"cuda"');
    });
  });
});
