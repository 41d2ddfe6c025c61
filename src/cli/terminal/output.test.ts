/** What reaches a terminal: our colors, and nothing else that it would obey. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { escapeXml } from "../../base/text/escape.ts";
import { colors, plainText, terminalText } from "./colors.ts";
import { createOutput } from "./output.ts";

/** Controls but tab and line feed, and marks of direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const nasty = fc.string({
  unit: fc.constantFrom("a", "\u001b", "[", "31m", "]0;x\u0007", "\r", "\b", "\u009b", "\u202e", "\n", "é"),
});

function outputs(json: boolean) {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) => ({
    write(text: string | Uint8Array): boolean {
      written[name] += String(text);
      return true;
    },
  });
  return { written, output: createOutput(json, { stdout: stream("stdout"), stderr: stream("stderr") }) };
}

it("lines, warnings and results have no control characters, whatever is in them", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const { written, output } = outputs(false);
      output.line(text);
      output.warning(text);
      output.result(text, {});
      expect(written.stdout).not.toMatch(OBEYED);
    }),
  );
});

it("a JSON document has none either, and says the same", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const { written, output } = outputs(true);
      output.result("", { [text]: text });
      expect(written.stdout).not.toMatch(OBEYED);
      expect(JSON.parse(written.stdout)).toEqual({ [text]: text });
    }),
  );
});

it("our own colors are kept, and a color in a name is not one", () => {
  const line = `${colors.red("no\u001b[32mtes")} on \u001b[31mred`;
  expect(terminalText(line, true)).toBe("\u001b[31mno\\x1b[32mtes\u001b[39m on \\x1b[31mred");
  expect(terminalText(line, false)).toBe("no\\x1b[32mtes on \\x1b[31mred");
  expect(plainText(colors.cyan("measure"))).toBe("measure");
});

it("a page has none, so that it is well-formed", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      expect(escapeXml(text)).not.toMatch(OBEYED);
    }),
  );
  expect(escapeXml('<\u001b>"')).toBe("&lt;\\x1b&gt;&quot;");
});

it("secrets in addresses are masked in lines and documents", () => {
  for (const json of [false, true]) {
    const { written, output } = outputs(json);
    output.line("from http://u:hush@h/x?token=hush");
    output.result("http://u:hush@h", { from: ["http://u:hush@h/?key=hush"] });
    expect(written.stdout + written.stderr).not.toContain("hush");
    expect(written.stdout).toContain("http://…@h");
  }
});
