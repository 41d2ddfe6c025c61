/** How arguments find their command; the commands themselves are tested on the built program. */
import { expect, it } from "vitest";
import { runMain } from "./testing/run-main.ts";

it("takes what follows -- as operands", async () => {
  expect(await runMain("presets", "--", "laptop")).toMatchObject({ code: 0, stderr: "" });
  const unknown = await runMain("presets", "--", "--json");
  expect(unknown).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining('preset "--json"') });
  expect((await runMain("presets", "laptop", "--", "more")).stderr).toContain("Unused args");
});

it("explains options before the command, negative numbers and the word help", async () => {
  expect((await runMain("--run", "x", "train")).stderr).toMatch(
    /"x" stands before the command[\s\S]*quarterturn train/,
  );
  expect((await runMain("train", "--steps", "-5")).stderr).toContain('"-5" is a negative number');
  expect((await runMain("help", "sample")).stdout).toBe((await runMain("sample", "--help")).stdout);
});

it("does not call --no-ema the default", async () => {
  const { stdout } = await runMain("sample", "--help");
  expect(stdout).toContain("--no-ema");
  expect(stdout).not.toContain("(default: true)");
});

it("knows no option by a name that JavaScript's objects have", async () => {
  for (const name of ["__proto__", "constructor", "prototype", "toString"]) {
    expect((await runMain("presets", `--${name}`, "3")).stderr).toContain(
      `Unknown option "--${name}" for presets.`,
    );
    expect((await runMain("presets", `--${name}=3`)).code).toBe(2);
  }
  expect((await runMain("presets", "--no-constructor")).code).toBe(2);
});
