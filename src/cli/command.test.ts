import { describe, expect, it, vi } from "vitest";
import { UserError } from "../base/errors.ts";
import { commandOptions } from "./command.ts";
import { createOutput } from "./terminal/output.ts";

describe("options", () => {
  const read = (...argv: string[]) => commandOptions(argv, ["run", "set", "steps"]);

  it("keep text as typed, in both spellings", () => {
    expect(read("--run", "007").text("run")).toBe("007");
    expect(read("--run=a=b").text("run")).toBe("a=b");
    expect(read().text("run")).toBeUndefined();
  });

  it("collect what may be repeated, and refuse what may not", () => {
    expect(read("--set", "a=1", "--set=b=2").texts("set")).toEqual(["a=1", "b=2"]);
    expect(() => read("--run", "a", "--run", "b").text("run")).toThrow(/2 times/);
  });

  it("tell yes, no and not given apart", () => {
    expect([read("--ema").flag("ema"), read("--no-ema").flag("ema"), read().flag("ema")]).toEqual([
      true,
      false,
      undefined,
    ]);
  });

  it("are not both yes and no", () => {
    expect(() => read("--no-ema", "--ema").flag("ema")).toThrow(/--ema and --no-ema contradict each other/);
    expect(read("--ema", "--ema").flag("ema")).toBe(true);
  });

  it("do not take a value for a flag", () => {
    expect(read("--run", "--fork").flag("fork")).toBeUndefined();
    expect(read("--", "--fork").flag("fork")).toBeUndefined();
  });

  it("check numbers", () => {
    expect(read("--steps", "1e3").number("steps", { whole: true, min: 1 })).toBe(1000);
    for (const bad of ["", "x", "0.5", "0", "Infinity"])
      expect(() => read(`--steps=${bad}`).number("steps", { whole: true, min: 1 }), bad).toThrow(UserError);
  });
});

describe("output", () => {
  const stream = (isTTY: boolean) => {
    const written: string[] = [];
    return { isTTY, columns: 80, written, write: (text: string) => written.push(text) > 0 };
  };

  it("puts one JSON document on stdout and all else on stderr with --json", () => {
    const [out, err] = [stream(false), stream(false)];
    const output = createOutput(true, { stdout: out, stderr: err });
    output.line("progress");
    output.status("never shown");
    output.result("for people", { a: 1 });
    expect(JSON.parse(out.written.join(""))).toEqual({ a: 1 });
    expect(err.written.join("")).toBe("progress\n");
  });

  it("draws at most ten times a second, and always the last of it", () => {
    vi.useFakeTimers();
    try {
      const terminal = stream(true);
      const output = createOutput(false, { stdout: terminal, stderr: terminal });
      for (let i = 0; i < 1000; i++) {
        output.status(`image ${i}`);
        vi.advanceTimersByTime(1);
      }
      vi.advanceTimersByTime(100);
      expect(terminal.written.length).toBeGreaterThanOrEqual(10);
      expect(terminal.written.length).toBeLessThanOrEqual(12);
      expect(terminal.written[0]).toContain("image 0");
      expect(terminal.written.at(-1)).toContain("image 999");
      output.status("not shown: a line comes first");
      output.status("nor this");
      output.line("done");
      vi.advanceTimersByTime(1000);
      expect(terminal.written.at(-1)).toBe("done\n");
    } finally {
      vi.useRealTimers();
    }
  });

  it("draws nothing over where that was asked for, and says each line once", () => {
    const terminal = stream(true);
    const output = createOutput(false, { plain: true, stdout: terminal, stderr: terminal });
    output.status("50 %");
    output.line("done");
    expect(output.interactive).toBe(false);
    expect(terminal.written).toEqual(["done\n"]);
  });

  it("draws over the status line on a terminal only", () => {
    const [terminal, pipe] = [stream(true), stream(false)];
    for (const each of [terminal, pipe]) {
      const output = createOutput(false, { stdout: each, stderr: stream(false) });
      output.status("50 %");
      output.line("done");
    }
    expect(pipe.written).toEqual(["done\n"]);
    expect(terminal.written.join("")).toMatch(/50 %.*\r.*\[K.*done\n$/s);
  });
});
