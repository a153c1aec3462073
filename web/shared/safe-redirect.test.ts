import { expect, test } from "vitest";
import { safeRedirect } from "./safe-redirect";

const ORIGIN = "https://shop.example";

test.each([
  "/",
  "/bag",
  "/perfumes?family=woody&sort=price#list",
  "/c/%E0%A4%95%E0%A4%AE%E0%A4%B2",
  "/search?q=a%2Fb",
  "/search?q=%5C",
  "/drops/first-hour?entry=1&token=2",
])("%s leads to a page of this site", (to) => {
  expect(safeRedirect(to, ORIGIN)).toBe(to);
});

test.each([
  "",
  "bag",
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\/evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "\t//evil.example",
  "/\n/evil.example",
  "/\r\n/evil.example",
  "/\u0000/evil.example",
  "/\u0085/evil.example",
  "/%09/evil.example",
  "/%0a/evil.example",
  "/%0d%0aSet-Cookie:x=1",
  "/%5cevil.example",
  "/%00",
  "/.//evil.example",
  "/..//evil.example",
  "/./%2e//evil.example",
  "/%E0%A4%A",
  "https://evil.example",
  "https:evil.example",
  "http://shop.example",
  "javascript:alert(1)",
  "data:text/html,x",
  " //evil.example",
])("%j does not leave this site, or break it", (to) => {
  expect(safeRedirect(to, ORIGIN, "/account")).toBe("/account");
});

test("no target at all is the fallback", () => {
  expect([safeRedirect(null, ORIGIN), safeRedirect(undefined, ORIGIN)]).toEqual(["/", "/"]);
});

test("whatever comes in, what goes out is on this origin, and stays what it is when it is checked again", () => {
  const parts = [
    "/",
    "\\",
    "\t",
    "\n",
    "\r",
    "%09",
    "%0a",
    "%5c",
    "%2f",
    ".",
    "..",
    "@",
    ":",
    "evil.example",
    "?",
    "#",
    " ",
  ];
  let seed = 1;
  const next = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let round = 0; round < 20_000; round++) {
    const to = Array.from({ length: 1 + next(7) }, () => parts[next(parts.length)]).join("");
    const safe = safeRedirect(to, ORIGIN);
    expect(new URL(safe, ORIGIN).origin, JSON.stringify(to)).toBe(ORIGIN);
    expect(safe, JSON.stringify(to)).not.toMatch(/^\/[/\\]|[\p{Cc}]/u);
    expect(safeRedirect(safe, ORIGIN), JSON.stringify(to)).toBe(safe);
  }
});
