/**
 * Who may talk to the server. It listens on this machine only, unless asked otherwise; but pages of other sites run in the same browser, so
 * that is not enough:
 * - the Host header must name this machine or be an address: a foreign name that was made to point here (DNS rebinding) is refused;
 * - requests a browser sends on behalf of another site are refused, by Origin and by Sec-Fetch-Site;
 * - whatever changes something needs a token, which only a page that was served from here can read;
 * - the page runs only its own scripts and styles, connects only to here, and cannot be framed.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { hostname } from "node:os";
import type { Context, MiddlewareHandler } from "hono";

/** Header of the token. */
const TOKEN_HEADER = "x-quarterturn-token";

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** Headers on every answer, and the checks above. @param host the address that was asked for, besides this machine's own names */
export function guard(host: string, token: string): MiddlewareHandler {
  return async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    const refusal = refuse(context, host, token);
    if (refusal) return context.json({ error: refusal }, 403);
    return next();
  };
}

/** Why a request is refused; undefined when it is not. */
function refuse({ req }: Context, host: string, token: string): string | undefined {
  const named = req.header("host") ?? "";
  if (!isOwnName(nameOf(named), host)) return `This server is not ${named}.`;
  const site = req.header("sec-fetch-site");
  // "none": typed into the address bar, or a bookmark.
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    const opens = req.method === "GET" && req.header("sec-fetch-mode") === "navigate" && req.path === "/";
    if (!opens) return "Requests from other sites are refused.";
  }
  const origin = req.header("origin");
  if (origin !== undefined && originHost(origin) !== named) return "Requests from other sites are refused.";
  if (req.method === "GET" || req.method === "HEAD") return undefined;
  return sameToken(req.header(TOKEN_HEADER) ?? "", token)
    ? undefined
    : "The token is missing or wrong: reload the page.";
}

/** Without the port. */
const nameOf = (host: string): string => host.replace(/:\d+$/, "").toLowerCase();

function originHost(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

/** A name that only this machine has, an address (which nobody can make point elsewhere), or the one that was asked for. */
function isOwnName(name: string, host: string): boolean {
  if (name === "localhost" || name === host.toLowerCase() || name === hostname().toLowerCase()) return true;
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || /^\[[0-9a-f:.]+\]$/.test(name);
}

/** Compared in a time that tells nothing. */
function sameToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** Whether a host is reached from this machine only. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
