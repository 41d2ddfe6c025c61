/** The routes: the page, the runs, their files, what is new, and commands to a training. */

import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { HTTPException } from "hono/http-exception";
import { UserError } from "../../base/errors.ts";
import { asFlag } from "../../base/option-flags.ts";
import { readMemorization, readMemorizationSheet } from "../../training/evaluation/memorization-file.node.ts";
import { sendCommand } from "../../training/loop/control/control.node.ts";
import type { Command } from "../../training/loop/control/control.ts";
import { createInsides } from "../inside.ts";
import type { Launcher } from "../launch/launcher.ts";
import { launchRoutes } from "../launch/routes.ts";
import { MAX_WATCHED, type RunTable } from "../protocol.ts";
import { type RunCatalog, UnknownRun } from "../runs/run-catalog.ts";
import { readRunFile } from "../runs/run-files.ts";
import { createLiveHub, type LiveHub, MAX_LIVE } from "./live-hub.ts";
import { type PageFile, type StartHint, withToken } from "./pages.ts";
import { guard } from "./security.ts";

/** A command is a few numbers. */
const MAX_BODY = 4096;
/** A note is a page or a few. */
const MAX_MARKS = 262_144;
/** A photograph as cameras make them. */
const MAX_PICTURE = 32 << 20;
/** Milliseconds that the page waits for its first look at many runs. */
const PATIENCE = 700;
/** Seconds after which one who was turned away may ask again. */
const RETRY_AFTER = 10;

/** Said where nobody knows better. */
const HINT: StartHint = { folder: "runs", commands: ["quarterturn train", "quarterturn train ~/pictures"] };

/** What the app is made of. */
export interface AppParts {
  readonly catalog: RunCatalog;
  readonly page: ReadonlyMap<string, PageFile>;
  /** The address that was asked for. */
  readonly host: string;
  /** Other names the server is reached by, as those of a proxy before it. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly token: string;
  /** Whether pages of this machine may have the page in a frame. */
  readonly embed?: boolean | undefined;
  readonly hint?: StartHint | undefined;
  /** Starts trainings; none can be started unless given. */
  readonly launcher?: Launcher | undefined;
  /** Ends the live connections. */
  readonly signal: AbortSignal;
}

/** The studio's server: the page, its API, and nothing else. */
export function createApp({
  catalog,
  page,
  host,
  allowedHosts,
  token,
  embed,
  hint,
  launcher,
  signal,
}: AppParts): Hono {
  const app = new Hono();
  app.use(guard({ host, allowedHosts: allowedHosts ?? [], token, embed }));
  const hub = createLiveHub(catalog, signal);
  const insides = createInsides(catalog);
  signal.addEventListener("abort", () => insides.close(), { once: true });
  // Text takes a quarter of the way; news is sent as it comes.
  app.use("/api/table", compress());
  app.use("/api/runs/:id", compress());
  app.use("/api/runs/:id/curves", compress());
  app.use("/api/runs/:id/inside/*", compress());
  app.use("/assets/*", compress());
  app.use("/", compress());
  app.onError((error, context) => {
    if (error instanceof UnknownRun)
      return context.json(
        { error: "There is no such run in this folder.", hint: "It may have been moved or deleted." },
        404,
      );
    if (error instanceof UserError) {
      const { message, hint } = error.written(asFlag);
      return context.json({ error: message, hint: hint ?? null }, 409);
    }
    const status = error instanceof HTTPException ? error.status : 500;
    return context.json({ error: error.message || "That was refused." }, status);
  });
  app.notFound((context) => context.json({ error: "There is nothing here." }, 404));

  const html = withToken(new TextDecoder().decode(page.get("/index.html")!.bytes), token, hint ?? HINT);
  app.get("/", (context) => context.html(html));
  app.get("/assets/:name", (context) => {
    const file = page.get(`/assets/${context.req.param("name")}`);
    if (!file) return context.notFound();
    // The build puts a hash of the content into the name.
    return context.body(file.bytes, 200, {
      "content-type": file.type,
      "cache-control": "max-age=31536000, immutable",
    });
  });

  launchRoutes(app, launcher);
  app.get("/api/runs", async (context) => context.json(await catalog.list()));
  app.get("/api/table", async (context) => sendTable(context, await catalog.table(PATIENCE)));
  app.get("/api/runs/:id", async (context) => context.json(await catalog.detail(context.req.param("id"))));
  app.get("/api/runs/:id/curves", async (context) =>
    context.json(await catalog.curves(context.req.param("id"))),
  );
  app.get("/api/runs/:id/samples/:name", async (context) => {
    const { id, name } = context.req.param();
    const file = await readRunFile(await catalog.folder(id), `samples/${name}`);
    return file ? context.body(file.bytes, 200, { "content-type": file.type }) : context.notFound();
  });
  app.get("/api/runs/:id/memorization", async (context) => {
    const found = await readMemorization(await catalog.folder(context.req.param("id")));
    return found ? context.json(found) : context.notFound();
  });
  app.get("/api/runs/:id/memorization.png", async (context) => {
    const sheet = await readMemorizationSheet(await catalog.folder(context.req.param("id")));
    if (!sheet) return context.notFound();
    return context.body(new Uint8Array(sheet), 200, { "content-type": "image/png" });
  });

  app.get("/api/runs/:id/inside/map", async (context) =>
    context.json(await insides.map(context.req.param("id"), wholeOf(context.req.query("step")))),
  );
  app.get("/api/runs/:id/inside/layers", async (context) =>
    context.json(await insides.layers(context.req.param("id"))),
  );
  app.post("/api/runs/:id/inside/picture", bodyLimit({ maxSize: MAX_PICTURE }), async (context) => {
    const picture = new Uint8Array(await context.req.arrayBuffer());
    const { step, label } = context.req.query();
    return context.json(
      await insides.picture(context.req.param("id"), picture, wholeOf(label), wholeOf(step)),
    );
  });

  app.get("/api/live", (context) => {
    const ids = context.req.queries("run") ?? [];
    if (ids.length === 0 || ids.length > MAX_WATCHED)
      return context.json({ error: `Ask for 1 to ${MAX_WATCHED} runs.` }, 400);
    const body = liveBody(hub, ids);
    if (!body) {
      context.header("retry-after", String(RETRY_AFTER));
      return context.json({ error: `${MAX_LIVE} pages hear what is new already, which is the most.` }, 503);
    }
    return context.body(body, 200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  });

  app.post("/api/runs/:id/commands", bodyLimit({ maxSize: MAX_BODY }), async (context) => {
    const dir = await catalog.folder(context.req.param("id"));
    // Types are the same in capitals (RFC 9110, 8.3.1).
    if (!/^application\/json\s*(;|$)/i.test(context.req.header("content-type")?.trim() ?? ""))
      return context.json({ error: "A command is JSON." }, 415);
    const command = await context.req.json().catch(() => undefined);
    if (typeof command !== "object" || command === null)
      return context.json({ error: "That is not JSON." }, 400);
    // What it says is looked at by the training that obeys it.
    return context.json({ id: await sendCommand(dir, command as Command) }, 202);
  });

  app.put("/api/runs/:id/marks", bodyLimit({ maxSize: MAX_MARKS }), async (context) =>
    context.json(await catalog.mark(context.req.param("id"), await context.req.json().catch(() => null))),
  );
  app.delete("/api/runs/:id", async (context) => context.json(await catalog.trash(context.req.param("id"))));
  app.post("/api/trash/:ticket", async (context) =>
    context.json({ id: await catalog.restore(context.req.param("ticket")) }),
  );
  return app;
}

/** A whole number of an address, from 0; undefined where there is none. */
function wholeOf(text: string | undefined): number | undefined {
  const value = Number(text ?? Number.NaN);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/**
 * The table, or that it is as it was: it is asked for every few seconds, and of a thousand runs it
 * is long.
 */
function sendTable(context: Context, table: RunTable): Response {
  const text = JSON.stringify(table);
  const tag = `"${createHash("sha1").update(text).digest("base64url")}"`;
  context.header("etag", tag);
  if (context.req.header("if-none-match") === tag) return context.body(null, 304);
  return context.body(text, 200, { "content-type": "application/json" });
}

/**
 * Everything new in some runs, as server-sent events, until either side ends it; undefined when
 * there are as many as can be.
 */
function liveBody(hub: LiveHub, ids: readonly string[]): ReadableStream<Uint8Array> | undefined {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let taken = (): void => undefined;
  const leave = hub.join(ids, {
    send(text) {
      controller?.enqueue(encoder.encode(text));
      return new Promise<void>((resolve) => {
        taken = resolve;
        if ((controller?.desiredSize ?? 0) > 0) resolve();
      });
    },
    end() {
      controller?.close();
    },
  });
  return (
    leave &&
    new ReadableStream({
      start(own) {
        controller = own;
      },
      pull: () => taken(),
      cancel() {
        controller = undefined;
        leave();
        taken();
      },
    })
  );
}
