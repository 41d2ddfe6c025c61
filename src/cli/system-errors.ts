/** What the operating system refuses is not a bug in this program: said in words, with what to do. */
import { UserError } from "../base/errors.ts";

const READABLE: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  EACCES: ["permission denied", "Change its permissions, or name another place."],
  EPERM: ["permission denied", "Change its permissions, or name another place."],
  EROFS: ["the disk is read-only", "Name a place on another disk."],
  ENOSPC: ["the disk is full", "Make room and run the same command again."],
  EDQUOT: ["your share of the disk is full", "Make room and run the same command again."],
  EFBIG: [
    "the file would be larger than is allowed here",
    "Raise the limit (ulimit -f), or name another disk.",
  ],
  EIO: ["the disk reports an error", "Check the disk and its connection."],
  ENOENT: ["it is not there", "Check the path, and that nothing was moved or deleted meanwhile."],
  EEXIST: ["there is a file in the way", "Check the path, or name another place."],
  EISDIR: ["it is a folder where a file is expected", "Check the path."],
  ENOTDIR: ["a part of the path is a file, not a folder", "Check the path."],
  ELOOP: ["its links go round in a circle", "Check the path."],
  ENAMETOOLONG: ["the name is too long", "Choose a shorter one."],
  EMFILE: ["too many files are open", "Raise the limit (ulimit -n)."],
  ENFILE: ["too many files are open on this system", "Close other programs."],
  ESTALE: [
    "the network disk has lost it",
    "Check the connection to the disk, and run the same command again.",
  ],
};

/** The `UserError` for a system error about a file; undefined for every other error. */
export function explainSystemError(error: unknown): UserError | undefined {
  if (!(error instanceof Error) || !("syscall" in error)) return undefined;
  const { code = "", path, syscall } = error as NodeJS.ErrnoException;
  const words = Object.hasOwn(READABLE, code) ? READABLE[code] : undefined;
  if (!words) return undefined;
  return new UserError(`${path ?? syscall}: ${words[0]} (${code}).`, words[1], { cause: error });
}
