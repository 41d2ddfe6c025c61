/**
 * What is the matter with a queue, told once a fault, not once an attempt to connect, and never
 * with the password.
 */
import { withoutSecrets } from "../../base/text/secrets.ts";
import type { Report } from "../context.ts";

/** A listener for faults. @param url the queue's address */
export function troubleReport(url: string, report: Report): (error: Error) => void {
  let trouble = "";
  return (error) => {
    // Where a name has several addresses, Node's error is about all of them and has a code only.
    const message = error.message || (error as NodeJS.ErrnoException).code || error.name;
    if (message === trouble) return;
    trouble = message;
    void report({ kind: "warning", message: `the queue: ${message.replaceAll(url, withoutSecrets(url))}` });
  };
}
