/**
 * A sweep through a real PostgreSQL, as redis.test.ts has it through Redis. Needs Debian's
 * postgresql (or initdb and postgres on the PATH); without them these tests are skipped, but not in
 * CI as root. The server refuses to run as root, so as root it is started as an ordinary user.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ordinaryUser, type User, Workspace } from "../cli/support.ts";
import { describeWith, NO_USER } from "../support/needs.ts";
import { Fleet, freePort, killServer } from "./fleet-support.ts";
import { prepareSweep, queueCases } from "./queue-cases.ts";

const PASSWORD = "hush-4b7d";
const DEBIAN = "/usr/lib/postgresql";

/** Where initdb and postgres are; the newest of Debian's versions, which are not on the PATH. */
function programs(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? "").split(":"),
    ...versions.map((version) => join(DEBIAN, version, "bin")),
  ];
  return folders.find((folder) => ["initdb", "postgres"].every((name) => existsSync(join(folder, name))));
}

const folder = programs();
const user = ordinaryUser();
if (!folder && process.env.CI && process.getuid?.() === 0)
  throw new Error("PostgreSQL is missing: apt-get install postgresql");
const missing = !folder ? "no PostgreSQL (Debian: apt-get install postgresql)" : user ? undefined : NO_USER;

const workspace = new Workspace();
const data = workspace.path("postgres");
let port = 0;
let server: ChildProcess | undefined;
const url = (): string => `postgres://tester:${PASSWORD}@127.0.0.1:${port}/postgres`;
const fleet = new Fleet(workspace, url, PASSWORD);

/** A new cluster that only knows `tester`. */
function initialize(owner: User): void {
  const secret = workspace.path("secret");
  mkdirSync(data);
  writeFileSync(secret, PASSWORD);
  // The workspace itself is the owner's too: the server must be able to pass through it.
  for (const path of [workspace.folder, data, secret]) chownSync(path, owner.uid, owner.gid);
  const { status, stderr } = spawnSync(
    join(folder!, "initdb"),
    [
      "-D",
      data,
      "-U",
      "tester",
      "--auth=scram-sha-256",
      `--pwfile=${secret}`,
      "--no-sync",
      "-E",
      "UTF8",
      "--locale=C",
    ],
    { ...owner, cwd: "/", encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`initdb: ${stderr}`);
}

/** Start the server, and wait until it answers. */
async function startServer(owner: User): Promise<void> {
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "logging_collector=off"];
  server = spawn(
    join(folder!, "postgres"),
    ["-D", data, "-p", String(port), ...settings.flatMap((each) => ["-c", each])],
    {
      ...owner,
      cwd: "/",
      stdio: "ignore",
    },
  );
  let running = true;
  server.once("exit", () => {
    running = false;
  });
  for (;;) {
    const client = new Client({ connectionString: url() });
    // A server that goes away says so on every connection.
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query("select 1");
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (!running) throw error;
      await setTimeout(50);
    }
  }
}

/**
 * The whole server at once, without a goodbye: SIGQUIT is its immediate shutdown, as after a crash.
 */
const kill = (): Promise<void> => killServer(server!, "SIGQUIT");

afterAll(() => workspace.remove());

describeWith(missing, "a sweep through PostgreSQL", () => {
  beforeAll(async () => {
    port = await freePort();
    initialize(user!);
    await startServer(user!);
    await prepareSweep(workspace);
  });
  afterAll(async () => {
    fleet.kill();
    if (server) await kill();
  });

  queueCases({ workspace, fleet, password: PASSWORD, kill, start: () => startServer(user!) });

  it("a wrong password is refused, and a server that is away is waited for", async () => {
    const wrong = await workspace.run("worker", "--queue", url().replace(PASSWORD, "wrong-7d1e"));
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("refuses: password authentication failed");
    expect(wrong.stderr).not.toContain("wrong-7d1e");
    const away = workspace.start(
      "worker",
      "--queue",
      // Below what anybody but the system may listen on.
      `postgres://tester:${PASSWORD}@127.0.0.1:1/x`,
    );
    await away.saw(/the queue: .*ECONNREFUSED/);
    await fleet.stop(away);
  });
});
