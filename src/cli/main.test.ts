/** How arguments find their command; the commands themselves are tested on the built program. */
import { afterEach, expect, it, vi } from "vitest";
import { main } from "./main.ts";

afterEach(() => vi.restoreAllMocks());

/** Run, catching what is printed. */
async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      printed[name] += text;
      return true;
    });
  vi.spyOn(console, "info").mockImplementation((text) => {
    printed.stdout += `${text}\n`;
  });
  vi.spyOn(console, "log").mockImplementation((text) => {
    printed.stdout += `${text}\n`;
  });
  return { code: await main(argv), ...printed };
}

it("takes what follows -- as operands", async () => {
  expect(await run("presets", "--", "laptop")).toMatchObject({ code: 0, stderr: "" });
  const unknown = await run("presets", "--", "--json");
  expect(unknown).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining('preset "--json"') });
  expect((await run("presets", "laptop", "--", "more")).stderr).toContain("Unused args");
});

it("explains options before the command, negative numbers and the word help", async () => {
  expect((await run("--run", "x", "train")).stderr).toMatch(
    /"x" stands before the command[\s\S]*quarterturn train/,
  );
  expect((await run("train", "--steps", "-5")).stderr).toContain('"-5" is a negative number');
  expect((await run("help", "sample")).stdout).toBe((await run("sample", "--help")).stdout);
});

it("does not call --no-ema the default", async () => {
  const { stdout } = await run("sample", "--help");
  expect(stdout).toContain("--no-ema");
  expect(stdout).not.toContain("(default: true)");
});

it("knows no option by a name that JavaScript's objects have", async () => {
  for (const name of ["__proto__", "constructor", "prototype", "toString"]) {
    const typed = name === "toString" ? "--to-string" : `--${name}`;
    expect((await run("presets", `--${name}`, "3")).stderr).toContain(
      `Unknown option "${typed}" for presets.`,
    );
    expect((await run("presets", `--${name}=3`)).code).toBe(2);
  }
  expect((await run("presets", "--no-constructor")).code).toBe(2);
});
