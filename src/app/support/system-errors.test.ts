import { mkdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { explainSystemError } from "./system-errors.ts";

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe("errors of the operating system", () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      "a folder read as a file",
      () => readFileSync("."),
      /it is a folder where a file is expected \(EISDIR\)/,
    ],
    ["a file on the way", () => mkdirSync("package.json/x"), /package\.json.*a part of the path is a file/],
    ["a file in the way", () => mkdirSync("package.json"), /package\.json: there is a file in the way/],
    ["nothing there", () => readFileSync("no/such"), /^no\/such: it is not there/],
  ])("are the user's to mend: %s", (_, work, message) => {
    const told = explainSystemError(thrownBy(work));
    expect(told?.message).toMatch(message);
    expect(told?.hint).toBeTruthy();
  });

  it("of connections are not told as a disk's", () => {
    const refused = (code: string, syscall: string): Error =>
      Object.assign(new Error(code), { code, syscall });
    expect(explainSystemError(refused("ETIMEDOUT", "connect"))).toBeUndefined();
    expect(explainSystemError(refused("ECONNREFUSED", "connect"))).toBeUndefined();
    expect(explainSystemError(refused("EBUSY", "rename"))?.message).toBe(
      "rename: something else is using it (EBUSY).",
    );
    expect(explainSystemError(refused("EAGAIN", "spawn node"))?.hint).toContain("ulimit -u");
  });

  it("are told from bugs", () => {
    expect(explainSystemError(new TypeError("x is not a function"))).toBeUndefined();
    expect(explainSystemError(Object.assign(new Error("odd"), { code: "EACCES" }))).toBeUndefined();
    expect(explainSystemError("EACCES")).toBeUndefined();
  });
});
