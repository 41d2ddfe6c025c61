import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { explainWriteError, makeFolderOf, writeFileWhole } from "./disk/files.node.ts";
import { UserError } from "./errors.ts";
import { systemProblem } from "./system-problems.ts";

const folder = mkdtempSync(join(tmpdir(), "quarterturn-errors-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const thrown = (code: string): Error =>
  Object.assign(new Error(`${code}: refused`), { code, syscall: "write" });
const told = async (code: string, needed = 10 * 2 ** 40): Promise<UserError> => {
  const error = await explainWriteError(thrown(code), join(folder, "file"), needed);
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
};

describe("what the system refuses while writing", () => {
  it.each([
    ["EFBIG", /larger than is allowed here \(EFBIG\)/, /ulimit -f/],
    ["EDQUOT", /share of the disk \(quota\) is used up/, /larger share/],
    ["EROFS", /the disk is read-only/, /another place/],
    ["EACCES", /permission denied/, /another place/],
    ["EMFILE", /too many files are open/, /ulimit -n/],
    ["ENAMETOOLONG", /the name is too long/, /shorter/],
    ["EISDIR", /a folder where a file is expected/, /path/],
    ["ELOOP", /in a circle/, /path/],
    ["EIO", /the disk reports an error/, /connection/],
    ["ESTALE", /the network disk has lost it/, /connection/],
    ["ETXTBSY", /a program that is running/, /End that program/],
    ["EBUSY", /something else is using it/, /Close what uses it/],
    ["ENOENT", /its folder is not there\.$/, /another place/],
  ])("%s is told as what it is, and not as a full disk", async (code, message, hint) => {
    const error = await told(code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(join(folder, "file"));
    expect(error.message).not.toMatch(/disk is full|are free/);
    expect(error.hint).toMatch(hint);
  });

  it("a full disk is full, unless it has room for bytes: then it takes no more files", async () => {
    expect((await told("ENOSPC")).message).toMatch(/^The disk is full: .* are free\.$/);
    const without = await told("ENOSPC", 0);
    expect(without.message).toMatch(/^The disk takes no more files: /);
    expect(without.hint).toContain("df -i");
  });

  it("what nobody can put right stays what it is", async () => {
    const bug = thrown("EBADF");
    expect(await explainWriteError(bug, "x", 1)).toBe(bug);
    expect(systemProblem("constructor")).toBeUndefined();
    expect(systemProblem(undefined)).toBeUndefined();
  });

  it("names of any length, folders and files in the way are met for real", async () => {
    await expect(writeFileWhole(join(folder, "x".repeat(300)), "")).rejects.toThrow(/the name is too long/);
    mkdirSync(join(folder, "taken"));
    await expect(writeFileWhole(join(folder, "taken"), "")).rejects.toThrow(UserError);
    writeFileSync(join(folder, "plain"), "kept");
    await expect(makeFolderOf(join(folder, "plain", "below", "file"))).rejects.toThrow(
      /a part of the path is a file/,
    );
    expect(readFileSync(join(folder, "plain"), "utf8")).toBe("kept");
  });
});
