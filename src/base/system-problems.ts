/**
 * What the operating system refuses, in words: what it means and what to do about it, told the same
 * wherever it is met. Only errors that a user can put right are here.
 */

/** An error of the system in words. */
export interface SystemProblem {
  /** Goes on from the name of a file: `permission denied`. */
  readonly what: string;
  /** What to do, in one or two sentences. */
  readonly remedy: string;
}

const PERMISSION: SystemProblem = {
  what: "permission denied",
  remedy: "Change its permissions, or name another place.",
};
const ELSEWHERE = "Name a place on another disk.";
const CONNECTION = "Check the connection to the disk, and run the same command again.";
const PATH = "Check the path.";
const AGAIN = "Make room and run the same command again.";

/** Of a network disk as well as of a server. */
const NO_ANSWER: SystemProblem = {
  what: "the network disk or server does not answer",
  remedy: "Check the connection, and run the same command again.",
};

const PROBLEMS: ReadonlyMap<string, SystemProblem> = new Map(
  Object.entries<SystemProblem>({
    EACCES: PERMISSION,
    EPERM: PERMISSION,
    EROFS: { what: "the disk is read-only", remedy: ELSEWHERE },
    ENOSPC: { what: "the disk is full", remedy: AGAIN },
    EDQUOT: {
      what: "your share of the disk (quota) is used up",
      remedy:
        "Remove files of yours or ask for a larger share, and run the same command again. Or name a place on another disk.",
    },
    EFBIG: {
      what: "the file would be larger than is allowed here",
      remedy:
        "Raise the limit (ulimit -f shows it), or name a place on a disk that takes files of this size (FAT32 has 4 GB at most).",
    },
    EIO: { what: "the disk reports an error", remedy: "Check the disk and its connection." },
    ENXIO: { what: "the device is not there", remedy: CONNECTION },
    ENODEV: { what: "the device is not there", remedy: CONNECTION },
    ENOMEDIUM: { what: "there is no disk in the drive", remedy: CONNECTION },
    ENOENT: {
      what: "it is not there",
      remedy: "Check the path, and that nothing was moved or deleted meanwhile.",
    },
    EEXIST: { what: "there is a file in the way", remedy: "Check the path, or name another place." },
    ENOTEMPTY: { what: "the folder is not empty", remedy: "Check the path, or name another place." },
    EISDIR: { what: "it is a folder where a file is expected", remedy: PATH },
    ENOTDIR: { what: "a part of the path is a file, not a folder", remedy: PATH },
    ELOOP: { what: "its links go round in a circle", remedy: PATH },
    ENAMETOOLONG: { what: "the name is too long", remedy: "Choose a shorter one." },
    EILSEQ: { what: "the disk cannot keep a name with these characters", remedy: "Choose another name." },
    EMFILE: {
      what: "too many files are open",
      remedy: "Raise the limit (ulimit -n shows it), and run the same command again.",
    },
    ENFILE: { what: "too many files are open on this system", remedy: "Close other programs." },
    ENOMEM: {
      what: "the system has no memory left",
      remedy: "Close other programs, or ask for less at once.",
    },
    EAGAIN: {
      what: "the system has no more of what is needed just now",
      remedy:
        "Close other programs, raise the limit of processes (ulimit -u shows it), and run the same command again.",
    },
    EBUSY: {
      what: "something else is using it",
      remedy: "Close what uses it (another program, a mount), and run the same command again.",
    },
    ETXTBSY: {
      what: "it is a program that is running, or a file that is being written",
      remedy: "End that program, or name another place.",
    },
    EXDEV: { what: "it would have to move to another disk", remedy: ELSEWHERE },
    EMLINK: { what: "it has as many links as there can be", remedy: ELSEWHERE },
    ENOTSUP: { what: "the disk cannot do this", remedy: ELSEWHERE },
    EOPNOTSUPP: { what: "the disk cannot do this", remedy: ELSEWHERE },
    ENOSYS: { what: "the disk cannot do this", remedy: ELSEWHERE },
    ENOLCK: { what: "the disk gives no more locks", remedy: CONNECTION },
    ESTALE: { what: "the network disk has lost it", remedy: CONNECTION },
    EREMOTEIO: { what: "the network disk reports an error", remedy: CONNECTION },
    ETIMEDOUT: NO_ANSWER,
    EHOSTDOWN: NO_ANSWER,
    ENOTCONN: NO_ANSWER,
  }),
);

/** The words for an error code such as `EACCES`; undefined for one that no user can put right. */
export const systemProblem = (code: string | undefined): SystemProblem | undefined =>
  code === undefined ? undefined : PROBLEMS.get(code);

/** Whether an error may be one of a connection rather than of a disk. */
export const isOfNetwork = (code: string | undefined): boolean =>
  code !== undefined && PROBLEMS.get(code) === NO_ANSWER;
