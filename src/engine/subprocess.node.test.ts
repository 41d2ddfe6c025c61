import { expect, test } from "vitest";
import { runInSubprocess } from "./subprocess.node.ts";

const module = new URL("./testing/subprocess.ts", import.meta.url);

test("what another process answers, without what a driver prints", async () => {
  expect(await runInSubprocess(module, "answer(7)", 600_000)).toEqual({
    lines: [{ value: 7 }],
    failure: undefined,
  });
});

test.skipIf(process.platform === "win32")("a crash is told, with what was printed before", async () => {
  expect(await runInSubprocess(module, "crash()", 600_000)).toEqual({
    lines: [{ value: 1 }],
    failure: "ended with SIGSEGV",
  });
});

test.skipIf(process.platform === "win32")("a process that hangs is ended", async () => {
  expect(await runInSubprocess(module, "hang()", 500)).toEqual({ lines: [], failure: "took too long" });
});

test("a mistake in it is a failure", async () => {
  expect((await runInSubprocess(module, "nothing()", 600_000)).failure).toBe("ended with code 1");
});
