/**
 * `data fetch` through the real command line, against a server here that misbehaves: nothing is
 * downloaded from elsewhere.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { publicationOf } from "../../src/data/fetch/catalog.ts";
import { type Handler, refuse, serve, servers } from "../../src/data/testing/server.node.ts";
import { ordinaryUser, Workspace } from "./support.ts";

const workspace = new Workspace();
const startServer = servers();
afterAll(() => workspace.remove());

const { bytes: CIFAR_BYTES, name: CIFAR_FILE } = publicationOf("cifar10").files[0]!;
const { bytes: MNIST_BYTES, name: MNIST_FILE } = publicationOf("mnist").files[0]!;

/**
 * Promises the whole of CIFAR-10 from where it is asked, sends a megabyte of it and falls silent.
 */
const slowly: Handler = ({ headers }, response) => {
  const start = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);
  response.writeHead(start > 0 ? 206 : 200, {
    etag: '"one"',
    "content-length": CIFAR_BYTES - start,
    ...(start > 0 ? { "content-range": `bytes ${start}-${CIFAR_BYTES - 1}/${CIFAR_BYTES}` } : {}),
  });
  response.write(Buffer.alloc(1_000_000));
};

describe("data fetch", () => {
  it("keeps what has arrived when interrupted, and goes on from there", async () => {
    const { url, asked } = await startServer(slowly);
    const part = workspace.path("data", "cifar10", `${CIFAR_FILE}.part`);
    let kept = 0;
    for (const round of [1, 2]) {
      const call = workspace.start("data", "fetch", "cifar10", "--mirror", url);
      while (!existsSync(part) || statSync(part).size < round * 1_000_000) {
        if (call.child.exitCode !== null) throw new Error((await call.ended).stderr);
        await new Promise(setImmediate);
      }
      call.child.kill("SIGINT");
      const { code, stdout } = await call.ended;
      expect(stdout).toMatch(/CIFAR-10, 170 MB; about it and its terms: https:/);
      expect(stdout).toMatch(
        /what has been downloaded is kept[\s\S]*The same command goes on from what is in data.cifar10/,
      );
      expect(code).toBe(130);
      expect(asked).toHaveLength(round);
      if (round === 2) expect(asked[1]).toMatchObject({ range: `bytes=${kept}-`, ifRange: '"one"' });
      kept = statSync(part).size;
    }
    expect(readdirSync(workspace.path("data", "cifar10")).sort()).toEqual([
      `${CIFAR_FILE}.part`,
      `${CIFAR_FILE}.part.json`,
    ]);
  });

  it("does not take a file of the right length and wrong contents for the published one", async () => {
    const { url } = await startServer(serve(new Uint8Array(MNIST_BYTES)));
    const { code, stdout, stderr } = await workspace.run(
      "data",
      "fetch",
      "mnist",
      "--mirror",
      url,
      "--out",
      "wrong",
      "--json",
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/is not the published file: its MD5 is [0-9a-f]{32}, not f68b3c2d/);
    expect(JSON.parse(stdout).error.message).toMatch(/not the published file/);
    expect(readdirSync(workspace.path("wrong"))).toEqual([]);
  });

  it("says at once that the file is not there", async () => {
    const { url, asked } = await startServer(refuse(404));
    const { code, stderr } = await workspace.run("data", "fetch", "stl10", "--mirror", `${url}/elsewhere/`);
    expect(stderr).toMatch(/^error: The server answers 404: the file is not there\.\n.*--mirror/);
    expect(code).toBe(2);
    expect(asked.map(({ path }) => path)).toEqual(["/elsewhere/stl10_binary.tar.gz"]);
  });

  it("keeps what fits where files may not be larger", async () => {
    const { url } = await startServer(serve(new Uint8Array(MNIST_BYTES)));
    const args = ["data", "fetch", "mnist", "--mirror", url, "--out", "full"];
    const { code, stderr } = await workspace.runWithFileLimit(2000, ...args);
    expect(stderr).toMatch(
      /^error: .*train-images-idx3-ubyte.gz.part cannot be written: .*larger.*\(EFBIG\)/m,
    );
    expect(stderr).toMatch(/goes on from what is there/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
    expect(statSync(workspace.path("full", `${MNIST_FILE}.part`)).size).toBe(2_048_000);
  });

  it("does nothing where all is there, and prints the command to go on with", async () => {
    mkdirSync(workspace.path("my data", "idx"), { recursive: true });
    const record = { name: "mnist", archives: [], files: [{ path: "train", bytes: 4 }] };
    writeFileSync(workspace.path("my data", "idx", ".quarterturn.json"), JSON.stringify(record));
    writeFileSync(workspace.path("my data", "idx", "train"), "four");
    const { code, stdout } = await workspace.run("data", "fetch", "mnist", "--out", "my data");
    expect(code).toBe(0);
    expect(stdout).toMatch(/there already: my data.idx \(1 files/);
    expect(stdout).toMatch(/Next: quarterturn train 'mnist:my data.idx'/);
  });

  it.each([
    [["fetch", "cifar-10"], /Unknown data set to fetch "cifar-10"\.\nDid you mean "cifar10"/],
    [["fetch"], /needs the name of a data set\.\nKnown: cifar10, cifar100, stl10, mnist, fashion-mnist/],
    [
      ["fetch", "mnist", "--split", "all"],
      /data fetch takes no --split\.\nIt takes --out, --mirror, --keep-archives/,
    ],
    [["fetch", "mnist", "--mirror", "ftp://x"], /"ftp:\/\/x" is not a web address/],
    [["feetch", "mnist"], /Unknown action of data "feetch"\.\nDid you mean "fetch"/],
  ])("%j: a message and code 2", async (args, message) => {
    const { code, stderr } = await workspace.run("data", ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  const user = ordinaryUser();
  it.runIf(user)(
    "a folder that may not be written to: said in words, nothing asked of the server",
    async () => {
      const { url, asked } = await startServer(serve(new Uint8Array(10)));
      const other = new Workspace(user);
      try {
        mkdirSync(other.path("closed"));
        other.handOver();
        chmodSync(other.path("closed"), 0o555);
        for (const out of ["closed", "closed/below"]) {
          const { code, stderr } = await other.run("data", "fetch", "mnist", "--mirror", url, "--out", out);
          expect(stderr).toMatch(
            /^error: .*closed.* cannot be written: permission denied \(EACCES\)\.\n.*--out/m,
          );
          expect(code).toBe(2);
        }
        expect(readdirSync(other.path("closed"))).toEqual([]);
        expect(asked).toEqual([]);
      } finally {
        chmodSync(other.path("closed"), 0o755);
        other.remove();
      }
    },
  );
});

it("nothing of the tests above went below the caller's folder but what was asked for", () => {
  expect(readdirSync(workspace.path()).sort()).toEqual(["data", "full", "my data", "wrong"]);
  expect(readFileSync(workspace.path("my data", "idx", "train"), "utf8")).toBe("four");
});
