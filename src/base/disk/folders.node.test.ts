/** Folders are made, or the reason is told; nothing waits for ever. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeFolder } from "./folders.node.ts";

const root = mkdtempSync(join(tmpdir(), "quarterturn-folders-"));
afterAll(() => rmSync(root, { recursive: true }));

it("makes what is missing, many at once too, and says what was the first of it", async () => {
  const path = join(root, "a", "b", "c");
  expect(await makeFolder(path)).toBe(join(root, "a"));
  expect(await makeFolder(path)).toBeUndefined();
  expect(await makeFolder("/")).toBeUndefined();
  const deep = Array.from({ length: 8 }, (_, i) => join(root, "d", "e", String(i % 2), "f"));
  await Promise.all(deep.map(makeFolder));
  for (const one of deep) expect((await stat(one)).isDirectory()).toBe(true);
});

it("ends where it cannot, with the system's reason", async () => {
  writeFileSync(join(root, "file"), "");
  await expect(makeFolder(join(root, "file"))).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolder(join(root, "file", "x"))).rejects.toMatchObject({ code: "ENOTDIR" });
  if (process.platform === "win32") return;
  symlinkSync(join("nowhere", "deep"), join(root, "dangling"));
  await expect(makeFolder(join(root, "dangling"))).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolder(join(root, "dangling", "x"))).rejects.toThrow();
  await expect(makeFolder("/dev/null/x")).rejects.toMatchObject({ code: "ENOTDIR" });
});

it.runIf(process.platform === "linux")(
  "ends where the system says that nothing is there, and there is",
  async () => {
    for (const path of ["/proc/x", "/proc/x/y/z", "/proc/self/fd/x"])
      await expect(makeFolder(path)).rejects.toMatchObject({ code: "ENOENT" });
  },
);

it("no other file makes folders with those they are in", () => {
  const src = join(import.meta.dirname, "..", "..");
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.ts$/.test(name) && !/\.test\.ts$|[\\/]testing[\\/]/.test(name),
  );
  const makers = files.filter((name) =>
    /\bmkdir(?:Sync)?\([^;]*recursive/.test(readFileSync(join(src, name), "utf8")),
  );
  expect(makers).toEqual([]);
});
