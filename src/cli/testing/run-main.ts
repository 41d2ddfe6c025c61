/** The command line within this process, for tests of what it says. */
import { vi } from "vitest";
import { main } from "../main.ts";

/** Run it, catching what is printed. */
export async function runMain(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const printed = { stdout: "", stderr: "" };
  const streams = ["stdout", "stderr"] as const;
  const before = streams.map((name) => process[name].listeners("error"));
  const spies = streams.map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      printed[name] += text;
      return true;
    }),
  );
  try {
    return { code: await main(argv), ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
    // `main` is called once a process elsewhere, and listens to the end.
    for (const [i, name] of streams.entries())
      for (const listener of process[name].listeners("error"))
        if (!before[i]?.includes(listener)) process[name].off("error", listener as () => void);
  }
}
