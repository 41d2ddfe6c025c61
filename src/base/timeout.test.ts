import { expect, it } from "vitest";
import { unlessAborted, within } from "./timeout.ts";

const never = new Promise<string>(() => undefined);

it("what comes is passed on, what fails fails", async () => {
  const { signal } = new AbortController();
  expect(await unlessAborted(Promise.resolve("here"), signal)).toBe("here");
  await expect(unlessAborted(Promise.reject(new Error("broken")), signal)).rejects.toThrow("broken");
  expect(await within(Promise.resolve("here"), 1e6)).toBe("here");
});

it("what never comes is left when the signal is given, before or while it is waited for", async () => {
  expect(await unlessAborted(never, AbortSignal.abort())).toBeUndefined();
  const controller = new AbortController();
  const waiting = unlessAborted(never, controller.signal);
  controller.abort();
  expect(await waiting).toBeUndefined();
  expect(await within(never, 1)).toBeUndefined();
});

it("a failure after the signal troubles nobody", async () => {
  let fail = (_: Error): void => undefined;
  const work = new Promise<string>((_, reject) => {
    fail = reject;
  });
  expect(await unlessAborted(work, AbortSignal.abort())).toBeUndefined();
  fail(new Error("late"));
});
