/**
 * `features`: networks are added from PyTorch's weights, listed and removed, and nothing that is
 * not weights gets in.
 */
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve, servers } from "../../src/data/testing/server.node.ts";
import { formulaWeights } from "../../src/metrics/features/testing/formula-weights.ts";
import { legacyFile } from "../../src/metrics/features/testing/torch-file.ts";
import type { TorchTensor } from "../../src/metrics/features/torch/tensors.ts";
import { ordinaryUser, Workspace } from "./support.ts";

const workspace = new Workspace();
const startServer = servers();
afterAll(() => workspace.remove());

/** Inception-v3 with weights out of a formula, as a file of PyTorch. */
let weights: Map<string, TorchTensor>;
let file: Buffer;
beforeAll(() => {
  weights = formulaWeights("inception");
  file = legacyFile(weights);
});

interface Row {
  readonly name: string;
  readonly available: boolean;
  readonly default: boolean;
  readonly bytes?: number;
  readonly provenance?: { readonly sha256: string; readonly from: string };
}

async function list(): Promise<Row[]> {
  const { code, stdout } = await workspace.run("features", "list", "--json");
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { networks: Row[] }).networks;
}

async function refusal(...args: string[]): Promise<string> {
  const { code, stderr } = await workspace.run("features", ...args);
  expect(stderr).toMatch(/^error: /m);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(code).toBe(2);
  return stderr;
}

/** What lies in the folder of added networks. */
const kept = (): string[] => {
  const folder = workspace.path("cache", "features");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
};

describe("a network", () => {
  it("is added from an address over a broken connection, listed, kept on a failed second attempt, removed", async () => {
    const sha256 = createHash("sha256").update(file).digest("hex");
    const etag = '"one"';
    const { url } = await startServer(
      serve(file, { etag }),
      serve(file, { etag, breakAfter: 50_000_000 }),
      serve(file, { etag }),
    );
    const place = `${url}/weights-${sha256.slice(0, 8)}.pth`;
    const from = `${place}?token=hush`;
    const added = await workspace.run("features", "add", "inception", "--from", from);
    expect(added).toMatchObject({ code: 0 });
    expect(added.stdout).toMatch(
      /not the published weights[\s\S]*inception is added[\s\S]*the default from now on/,
    );
    expect(added.stdout).toMatch(/downloading: [\d.]+ MB of [\d.]+ MB/);
    expect(kept()).toEqual(["inception.json", "inception.onnx"]);
    const row = (await list()).find(({ name }) => name === "inception");
    expect(row).toMatchObject({ available: true, provenance: { sha256, from: `${place}?token=…` } });
    expect(readFileSync(workspace.path("cache", "features", "inception.json"), "utf8")).not.toContain("hush");
    expect(row!.bytes).toBeGreaterThan(95e6);

    writeFileSync(workspace.path("half.pth"), file.subarray(0, file.length / 2));
    expect(await refusal("add", "inception", "--from", "half.pth")).toMatch(
      /half\.pth ends within its numbers/,
    );
    expect((await list()).find(({ name }) => name === "inception")).toEqual(row);

    expect(await workspace.run("features", "remove", "inception")).toMatchObject({ code: 0 });
    expect(kept()).toEqual([]);
    expect(await refusal("remove", "inception")).toMatch(/is not added/);
  });

  it("is refused when its weights are another form's, or not numbers", async () => {
    writeFileSync(workspace.path("other.pth"), file);
    expect(await refusal("add", "torchvision-inception", "--from", "other.pth")).toMatch(
      /has 1008 classes[\s\S]*features add inception --from/,
    );
    const bias = new Float32Array(1008).fill(Number.NaN);
    const damaged = new Map(weights).set("fc.bias", { type: "float32", shape: [1008], data: bias });
    writeFileSync(workspace.path("nan.pth"), legacyFile(damaged));
    expect(await refusal("add", "inception", "--from", "nan.pth")).toMatch(
      /fc\.bias has the value NaN at place 0/,
    );
    expect(kept()).toEqual([]);
  });
});

describe("what is no network", () => {
  it("is refused when it would run code", async () => {
    const path = new URL("../goldens/torch/attacks.json", import.meta.url);
    const { files } = JSON.parse(readFileSync(path, "utf8")) as { files: Record<string, string> };
    for (const [i, base64] of Object.values(files).entries()) {
      writeFileSync(workspace.path(`evil${i}.pth`), Buffer.from(base64, "base64"));
      expect(await refusal("add", "inception", "--from", `evil${i}.pth`)).toMatch(
        /names "(posix\.system|torch\.nn\.[\w.]+)", which is no part of a file of tensors/,
      );
    }
  });

  it("is refused when it is another network, damaged, or not there", async () => {
    const layer = new Map([["conv.weight", { type: "float32", shape: [2], data: new Float32Array(2) }]]);
    writeFileSync(workspace.path("layer.pth"), legacyFile(layer));
    writeFileSync(workspace.path("net-0123abcd.pth"), legacyFile(layer));
    writeFileSync(workspace.path("text.pth"), "hello");
    expect(await refusal("add", "inception", "--from", "layer.pth")).toMatch(
      /holds another network: conv\.weight/,
    );
    expect(await refusal("add", "inception", "--from", "net-0123abcd.pth")).toMatch(
      /SHA-256 begins \w{8}, not 0123abcd/,
    );
    expect(await refusal("add", "inception", "--from", "text.pth")).toMatch(
      /not a file that torch\.save writes/,
    );
    expect(await refusal("add", "inception", "--from", "none.pth")).toMatch(/none\.pth is not there/);
  });

  it("is refused with what to write instead", async () => {
    expect(await refusal("add", "inceptoin", "--from", "x.pth")).toMatch(/Did you mean "inception"/);
    expect(await refusal("add", "inception")).toMatch(/needs the weights[\s\S]*6726825d\.pth/);
    expect(await refusal("add", "resnet20-cifar10", "--from", "x.pth")).toMatch(/comes with quarterturn/);
    expect(await refusal("remove", "resnet20-cifar10")).toMatch(/cannot be removed/);
    expect(await refusal("ad", "inception")).toMatch(/Did you mean "add"/);
  });

  it("lists what comes with the package and what can be added", async () => {
    expect((await list()).map((row) => [row.name, row.available, row.default])).toEqual([
      ["resnet20-cifar10", true, true],
      ["inception", false, false],
      ["torchvision-inception", false, false],
    ]);
  });
});

describe("a cache folder that cannot be written", () => {
  const refusedIn = async (blocked: Workspace): Promise<void> => {
    const { code, stderr } = await blocked.run("features", "add", "inception", "--from", "weights.pth");
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be kept in [\s\S]*Set QUARTERTURN_CACHE/);
  };

  it("is a file", async () => {
    const blocked = new Workspace();
    try {
      writeFileSync(blocked.path("cache"), "a file where the folder would be");
      await refusedIn(blocked);
      expect(readFileSync(blocked.path("cache"), "utf8")).toBe("a file where the folder would be");
    } finally {
      blocked.remove();
    }
  });

  const user = ordinaryUser();
  it.runIf(user)("is somebody else's", async () => {
    const blocked = new Workspace(user);
    try {
      mkdirSync(blocked.path("cache"));
      blocked.handOver();
      chmodSync(blocked.path("cache"), 0o555);
      await refusedIn(blocked);
    } finally {
      blocked.remove();
    }
  });
});
