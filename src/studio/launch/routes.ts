/**
 * The routes by which a page starts trainings. Who may use them is looked at by the guard
 * (security.ts).
 */
import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Launcher } from "./launcher.ts";

/** A request is a path and a few numbers. */
const MAX_BODY = 8192;

/** Add the routes. @param launcher undefined where nothing may be started */
export function launchRoutes(app: Hono, launcher: Launcher | undefined): void {
  app.get("/api/launch", (context) => context.json(launcher?.state() ?? { allowed: false }));
  if (!launcher) return;
  app.get("/api/launch/presets", (context) => context.json(launcher.presets()));
  app.get("/api/launch/folder", async (context) =>
    context.json(await launcher.folder(context.req.query("path") ?? "")),
  );
  app.post("/api/launch/plan", bodyLimit({ maxSize: MAX_BODY }), async (context) =>
    context.json(await launcher.plan(await context.req.json().catch(() => null)), 202),
  );
  app.post("/api/launch/train", bodyLimit({ maxSize: MAX_BODY }), async (context) => {
    const body = (await context.req.json().catch(() => null)) as { readonly ticket?: unknown } | null;
    return context.json(await launcher.train(body?.ticket), 202);
  });
  app.post("/api/launch/stop", (context) => {
    launcher.stop();
    return context.json({}, 202);
  });
}
