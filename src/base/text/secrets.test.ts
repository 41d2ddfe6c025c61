/** Secrets in addresses, wherever somebody may put one. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { withoutSecrets } from "./secrets.ts";

it.each([
  ["redis://me:hush@host:6379", "redis://…@host:6379"],
  ["redis://:hush@host:6379/0", "redis://…@host:6379/0"],
  ["http://hush@host/x.pth", "http://…@host/x.pth"],
  ["http://u:p@hush@host/x", "http://…@host/x"],
  ["redis://u:hu/sh@host/x", "redis://…@host/x"],
  ["http:u:hush@host/x", "http:…@host/x"],
  ["//u:hush@host/x", "//…@host/x"],
  ["u:hush@host.example/x.pth", "…@host.example/x.pth"],
  ["/data/u:hush@127.0.0.1:80/x", "/data/…@127.0.0.1:80/x"],
  ["https://host/x?token=hush&part=hush#f", "https://host/x?token=…&part=…#f"],
  ["https://host/x?hush", "https://host/x?…"],
  ["https://host/x?X-Amz-Signature=hush", "https://host/x?X-Amz-Signature=…"],
  ["https://host/x#access_token=hush", "https://host/x#access_token=…"],
  ["HTTPS://U:hush@HOST/", "HTTPS://…@HOST/"],
])("%s", (address, masked) => {
  expect(withoutSecrets(address)).toBe(masked);
  const told = withoutSecrets(`error: ${address} could not be read (again ${address}).`);
  expect(told).not.toContain("hush");
});

it.each([
  "https://plain.example/a@b",
  "http://127.0.0.1:4750/#run=a%20b",
  "http://localhost:8080/x@y",
  "cifar10:/data/cifar-10-batches-bin",
  "parquet:me@home/x and at 10:30 someone@example.org",
  "npm:@lobehub/fluent-emoji-3d@1.1.0 and runs/a:b@c",
  "runs/a?b and mail to someone@example.org",
])("what is no secret stays: %s", (text) => {
  expect(withoutSecrets(text)).toBe(text);
});

it("no password comes through, in an error neither", () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9%._~!$&'()*+,;=:@-]{8,20}$/).filter((s) => !/^\d+$/.test(s));
  const scheme = fc.constantFrom("http", "https", "redis", "rediss", "postgres", "ftp");
  fc.assert(
    fc.property(scheme, secret, fc.boolean(), (kind, password, behind) => {
      const address = behind ? `${kind}://h/x?key=${password}` : `${kind}://u:${password}@h/x`;
      const { message, hint } = new UserError(`${address} is gone`, `Try ${address}`);
      expect(`${message} ${hint}`).not.toContain(password);
    }),
  );
});
