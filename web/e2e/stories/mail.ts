import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";

const FOLDER = join(process.env.RUN_DIR ?? "", "mail");
export const NEEDS_MAIL = "Needs RUN_DIR, where the shop's mail is.";
export const hasMail = Boolean(process.env.RUN_DIR);

/** All mails to this address, as text with quoted-printable lines joined, oldest first. */
export function mailsTo(email: string): string[] {
  // The folder is made with the first mail.
  return (existsSync(FOLDER) ? readdirSync(FOLDER) : [])
    .filter((name) => name.endsWith(".eml"))
    .sort()
    .map((name) => readFileSync(join(FOLDER, name), "utf8"))
    .filter((text) => text.includes(`To: ${email}`))
    .map((text) => text.replace(/=\r?\n/g, "").replace(/=3D/gi, "="));
}

/** The link in the newest mail to this address that matches; waits for the worker to send it. */
export async function linkTo(email: string, path: RegExp): Promise<string> {
  let found: string | undefined;
  await expect
    .poll(() => {
      found = mailsTo(email)
        .reverse()
        .flatMap((text) => text.match(path) ?? [])[0];
      return found;
    })
    .toBeTruthy();
  return found ?? "";
}
