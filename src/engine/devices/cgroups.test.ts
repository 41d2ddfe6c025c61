import { describe, expect, test } from "vitest";
import {
  cgroupLimits,
  parseCfsQuota,
  parseCpuMax,
  parseMembership,
  parseMemoryLimit,
  parseMounts,
} from "./cgroups.ts";
import { availableThreads, memoryLimitBytes, residentMemory } from "./cpu.node.ts";

const files = (contents: Readonly<Record<string, string>>) => (path: string) => contents[path];

const MOUNT_V2 = "34 24 0:29 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

describe("parsing", () => {
  test("membership of both versions", () => {
    expect(parseMembership("4:cpu,cpuacct:/docker/ab\n1:name=systemd:/x:y\n0::/user.slice\n")).toEqual([
      { controllers: ["cpu", "cpuacct"], path: "/docker/ab" },
      { controllers: ["name=systemd"], path: "/x:y" },
      { controllers: [], path: "/user.slice" },
    ]);
  });

  test("mounts, other file systems left out", () => {
    const text = `22 1 8:1 / / rw - ext4 /dev/sda1 rw\n${MOUNT_V2}33 31 0:30 /docker/ab /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n`;
    expect(parseMounts(text)).toEqual([
      { version: 2, controllers: [], root: "/", mountPoint: "/sys/fs/cgroup" },
      {
        version: 1,
        controllers: ["rw", "cpu", "cpuacct"],
        root: "/docker/ab",
        mountPoint: "/sys/fs/cgroup/cpu",
      },
    ]);
  });

  test.each([
    ["max 100000\n", undefined],
    ["max", undefined],
    ["150000 100000\n", 1.5],
    ["50000", 0.5],
    ["nonsense", undefined],
  ])("cpu.max %j", (text, cpus) => expect(parseCpuMax(text)).toBe(cpus));

  test.each([
    ["-1\n", "100000\n", undefined],
    ["200000\n", "100000\n", 2],
    ["200000", "", undefined],
  ])("cpu.cfs_quota_us %j of %j", (quota, period, cpus) => expect(parseCfsQuota(quota, period)).toBe(cpus));

  test.each([
    ["max\n", undefined],
    ["536870912\n", 536870912],
    ["9223372036854771712\n", undefined],
    ["", undefined],
  ])("memory limit %j", (text, bytes) => expect(parseMemoryLimit(text)).toBe(bytes));
});

describe("limits of a process", () => {
  test("version 2: the tightest on the way up, which need not be the innermost", () => {
    const read = files({
      "/proc/self/cgroup": "0::/a/b/c\n",
      "/proc/self/mountinfo": MOUNT_V2,
      "/sys/fs/cgroup/a/b/c/cpu.max": "max 100000",
      "/sys/fs/cgroup/a/b/cpu.max": "250000 100000",
      "/sys/fs/cgroup/a/cpu.max": "400000 100000",
      "/sys/fs/cgroup/a/b/c/memory.max": "2000000000",
      "/sys/fs/cgroup/a/memory.max": "1000000000",
    });
    expect(cgroupLimits(read)).toEqual({ cpus: 2.5, memoryBytes: 1e9 });
    expect(availableThreads(read, 8)).toBe(3);
    expect(availableThreads(read, 2)).toBe(2);
    expect(memoryLimitBytes(read, 4e9)).toBe(1e9);
  });

  test("version 2 with a namespace of its own: the limit is at the mount point", () => {
    const read = files({
      "/proc/self/cgroup": "0::/\n",
      "/proc/self/mountinfo": MOUNT_V2,
      "/sys/fs/cgroup/cpu.max": "50000 100000",
    });
    expect(cgroupLimits(read)).toEqual({ cpus: 0.5, memoryBytes: undefined });
    expect(availableThreads(read, 8)).toBe(1);
  });

  test("version 1 in Docker: the path is the host's, the mount only its part", () => {
    const read = files({
      "/proc/self/cgroup": "5:memory:/docker/ab\n4:cpu,cpuacct:/docker/ab\n0::/\n",
      "/proc/self/mountinfo":
        "33 31 0:30 /docker/ab /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n" +
        "35 31 0:32 /docker/ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "300000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "268435456\n",
    });
    expect(cgroupLimits(read)).toEqual({ cpus: 3, memoryBytes: 268435456 });
  });

  test("no cgroups at all (macOS, Windows): affinity and physical memory", () => {
    const read = files({});
    expect(cgroupLimits(read)).toEqual({ cpus: undefined, memoryBytes: undefined });
    expect(availableThreads(read, 6)).toBe(6);
    expect(memoryLimitBytes(read, 8e9)).toBe(8e9);
  });

  test("this machine", () => {
    expect(availableThreads()).toBeGreaterThanOrEqual(1);
    expect(memoryLimitBytes()).toBeGreaterThan(1e8);
    const { now, peak } = residentMemory();
    expect(now).toBeGreaterThan(1e7);
    expect(peak).toBeGreaterThan(1e7);
    expect(peak).toBeLessThan(1e12);
  });
});
