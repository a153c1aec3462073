import { expect, test } from "vitest";
import { addressOf } from "./words";

test.each([
  ["https://noirel.example/p/old-name?utm_source=x#top", "product", "old-name"],
  ["/collections/nights/", "collection", "nights"],
  ["p/old-name", "product", "old-name"],
  [" /c/bois ", "category", "bois"],
  ["old-name?utm_source=x", null, "old-name"],
  ["%C3%A9teinte", null, "éteinte"],
  ["100%", null, "100%"],
])("%s is %s %s", (typed, kind, slug) => {
  expect(addressOf(typed, "noirel.example")).toEqual({ kind, slug });
});

test.each(["/checkout", "/blog/a", "/p/a/b", "/", "https://noirel.example/checkout"])(
  "%s is of no product, category or collection, and is refused",
  (typed) => {
    expect(addressOf(typed, "noirel.example")).toMatchObject({
      slug: "",
      wrong: expect.stringContaining("can redirect"),
    });
  },
);

test.each(["https://evil.example/p/foo?x=1", "//evil.example/p/foo", "http://[/p/foo", "javascript:alert(1)"])(
  "%s is of another website, and is refused",
  (typed) => {
    expect(addressOf(typed, "noirel.example")).toMatchObject({
      slug: "",
      wrong: expect.stringContaining("another website"),
    });
  },
);
