import { expect, test } from "vitest";
import { UserError } from "../../base/errors.ts";
import type { SessionStore } from "../sessions/sessions.ts";
import { accumulate } from "../testing/programs.ts";
import { type Channel, createEngineClient } from "./client.ts";
import { packFailure } from "./failures.ts";
import type { Reply, Request } from "./messages.ts";
import { createServer } from "./server.ts";

const info = {
  device: "cpu",
  threads: 1,
  description: "a fake",
  arithmetic: "fake",
  target: { provider: "standard", block: 0 } as const,
  joins: true,
} as const;

/**
 * A client whose other side answers nothing but `start` and, once `answer` is set, what it returns.
 */
function fake() {
  const posted: Request[] = [];
  const held: boolean[] = [];
  let ended = 0;
  const channel: Channel = {
    post: (request) => void posted.push(request),
    hold: (waiting) => void held.push(waiting),
    cancel: () => undefined,
    end: async () => void ended++,
  };
  const client = createEngineClient(channel);
  const reply = (value: unknown) => client.receive({ id: posted.at(-1)!.id, value });
  const start = async () => {
    const engine = client.start();
    reply(info);
    return engine;
  };
  return { client, posted, held, reply, start, ended: () => ended };
}

test("the death of the worker rejects what waits and what comes, naming the program", async () => {
  const { client, reply, start } = fake();
  const engine = await start();
  const compiling = engine.compile(accumulate(4));
  await Promise.resolve();
  reply(undefined);
  const executable = await compiling;
  const run = executable.run({ x: new Float32Array(4) });
  const read = engine.readState(["w"]);
  await Promise.resolve();
  client.fail(new Error("The worker ended with code 9"));
  await expect(run).rejects.toThrow(/code 9.*running program "accumulate"/);
  await expect(read).rejects.toThrow(/code 9.*reading state/);
  await expect(executable.run({ x: new Float32Array(4) })).rejects.toThrow(/code 9.*"accumulate"/);
});

test("a worker that dies before it is ready rejects the start", async () => {
  const { client } = fake();
  const engine = client.start();
  client.fail(new Error("The worker ended with code 1"));
  await expect(engine).rejects.toThrow(/code 1.*starting the engine/);
});

test("an engine whose worker died can be closed", async () => {
  const { client, start, ended } = fake();
  const engine = await start();
  client.fail(new Error("gone"));
  await engine.close();
  await engine.close();
  expect(ended()).toBe(1);
});

test("the process is held only while an answer is awaited", async () => {
  const { held, reply, start } = fake();
  const engine = await start();
  expect(held.at(-1)).toBe(false);
  const read = engine.readState([]);
  expect(held.at(-1)).toBe(true);
  reply({});
  await read;
  expect(held.at(-1)).toBe(false);
});

test("a user's mistake crosses with its hint, a bug with its stack", async () => {
  const { client, posted, start } = fake();
  const engine = await start();
  const failing = async (error: Error) => {
    const read = engine.readState(["w"]).catch((reason: unknown) => reason);
    await Promise.resolve();
    client.receive({ id: posted.at(-1)!.id, failure: structuredClone(packFailure(error)) });
    return read;
  };
  const user = await failing(new UserError("Too little memory.", "Buy some."));
  expect(user).toBeInstanceOf(UserError);
  expect(user).toMatchObject({ message: "Too little memory.", hint: "Buy some." });
  const original = new RangeError("index 7");
  const bug = (await failing(original)) as Error;
  expect(bug).not.toBeInstanceOf(UserError);
  expect(bug.message).toBe("index 7");
  expect((bug.cause as Error).stack).toBe(original.stack);
});

test("the answering side executes nothing more once the process is leaving", async () => {
  const calls: string[] = [];
  const store = {
    read: async () => {
      calls.push("read");
      return {};
    },
    dispose: async () => void calls.push("dispose"),
  } as unknown as SessionStore;
  const replies: Reply[] = [];
  let access: "open" | "closing" | "exiting" = "open";
  let inside = 0;
  const server = createServer(
    async () => ({ store, info }),
    (reply) => void replies.push(reply),
    {
      enter: () => {
        inside++;
        return access;
      },
      leave: () => void inside--,
    },
  );
  await server.receive({ id: 0, call: { kind: "read", names: [] } });
  access = "closing";
  await server.receive({ id: 1, call: { kind: "read", names: [] } });
  await server.receive({ id: 2, call: { kind: "close" } });
  access = "exiting";
  await server.receive({ id: 3, call: { kind: "close" } });
  expect(calls).toEqual(["read", "dispose"]);
  expect(replies.map((reply) => "failure" in reply)).toEqual([false, true, false, true]);
  expect(inside).toBe(0);
});
