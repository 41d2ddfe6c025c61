/**
 * Limits a container puts on a process, read from the text of the kernel's cgroup files (version 1
 * and 2). Pure functions over a `ReadFile`, so that they can be tested with the files of any
 * machine. See cgroups(7), cgroup-v2.rst.
 */

/** Contents of a file, or undefined when it cannot be read. */
export type ReadFile = (path: string) => string | undefined;

/** Limits of a process; undefined where there is none. */
export interface CgroupLimits {
  /** CPU time per wall-clock time: 1.5 is one and a half cores. */
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
}

/**
 * One line of /proc/self/cgroup: the controllers of a hierarchy (empty for version 2) and the path
 * in it.
 */
export interface CgroupMembership {
  readonly controllers: readonly string[];
  readonly path: string;
}

/** A mounted cgroup hierarchy from /proc/self/mountinfo. */
export interface CgroupMount {
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  /** The directory of the hierarchy that is mounted; `/` outside containers. */
  readonly root: string;
  readonly mountPoint: string;
}

/** Parse /proc/self/cgroup (`4:memory:/a/b`, `0::/a/b`). */
export function parseMembership(text: string): CgroupMembership[] {
  return lines(text).flatMap((line) => {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    return match ? [{ controllers: (match[1] ?? "").split(",").filter(Boolean), path: match[2] ?? "/" }] : [];
  });
}

/** Parse the cgroup mounts of /proc/self/mountinfo. */
export function parseMounts(text: string): CgroupMount[] {
  return lines(text).flatMap((line): CgroupMount[] => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root = "/", mountPoint = ""] = before.split(" ");
    const [type, , options = ""] = after.split(" ");
    if (type === "cgroup2") return [{ version: 2, controllers: [], root, mountPoint }];
    if (type === "cgroup") return [{ version: 1, controllers: options.split(","), root, mountPoint }];
    return [];
  });
}

/**
 * CPUs allowed by version 2's cpu.max: `max 100000` or `150000 100000` (microseconds per period).
 */
export function parseCpuMax(text: string): number | undefined {
  const [quota = "max", period = "100000"] = text.trim().split(/\s+/);
  return quota === "max" ? undefined : ratio(Number(quota), Number(period));
}

/** CPUs allowed by version 1's cpu.cfs_quota_us (−1: no limit) and cpu.cfs_period_us. */
export function parseCfsQuota(quota: string, period: string): number | undefined {
  return ratio(Number(quota.trim()), Number(period.trim()));
}

/**
 * Bytes allowed by memory.max (`max` or a number) or memory.limit_in_bytes, where "no limit" is the
 * largest number of whole pages in 63 bits.
 */
export function parseMemoryLimit(text: string): number | undefined {
  const bytes = Number(text.trim());
  return text.trim() !== "" && Number.isFinite(bytes) && bytes > 0 && bytes < 2 ** 60 ? bytes : undefined;
}

/** The tightest limits of this process's cgroups and all their ancestors. */
export function cgroupLimits(read: ReadFile): CgroupLimits {
  const memberships = parseMembership(read("/proc/self/cgroup") ?? "");
  const mounts = parseMounts(read("/proc/self/mountinfo") ?? "");
  const directories = (controller: string): { v1: string[]; v2: string[] } => {
    const v1 = mounts.find((m) => m.version === 1 && m.controllers.includes(controller));
    const v2 = mounts.find((m) => m.version === 2);
    const inV1 = memberships.find((m) => m.controllers.includes(controller));
    const inV2 = memberships.find((m) => m.controllers.length === 0);
    return { v1: v1 && inV1 ? ancestors(v1, inV1.path) : [], v2: v2 && inV2 ? ancestors(v2, inV2.path) : [] };
  };
  const cpu = directories("cpu");
  const memory = directories("memory");
  return {
    cpus: min([
      ...cpu.v2.map((dir) => parseCpuMax(read(`${dir}/cpu.max`) ?? "max")),
      ...cpu.v1.map((dir) =>
        parseCfsQuota(read(`${dir}/cpu.cfs_quota_us`) ?? "-1", read(`${dir}/cpu.cfs_period_us`) ?? ""),
      ),
    ]),
    memoryBytes: min([
      ...memory.v2.map((dir) => parseMemoryLimit(read(`${dir}/memory.max`) ?? "max")),
      ...memory.v1.map((dir) => parseMemoryLimit(read(`${dir}/memory.limit_in_bytes`) ?? "")),
    ]),
  };
}

/**
 * Directories of a cgroup and its ancestors, the innermost first. In a container only a part of the
 * hierarchy is mounted (`root`), and the path may be given from the host's point of view.
 */
function ancestors(mount: CgroupMount, path: string): string[] {
  const root = mount.root === "/" ? "" : mount.root;
  const inside = path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : path;
  const parts = inside.split("/").filter((part) => part !== "" && part !== "..");
  return parts
    .map((_, index) => `${mount.mountPoint}/${parts.slice(0, parts.length - index).join("/")}`)
    .concat(mount.mountPoint);
}

const lines = (text: string): string[] => text.split("\n").filter(Boolean);

const ratio = (quota: number, period: number): number | undefined =>
  quota > 0 && period > 0 ? quota / period : undefined;

function min(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
