import { expect, test } from "vitest";
import { addressOf } from "./words";

test.each([
  ["https://noirel.example/p/old-name?utm_source=x#top", "product", "old-name"],
  ["/collections/nights/", "collection", "nights"],
  [" /c/bois ", "category", "bois"],
  ["old-name", null, "old-name"],
  ["%C3%A9teinte", null, "éteinte"],
  ["/blog/a", null, "blog/a"],
])("%s is %s %s", (typed, kind, slug) => {
  expect(addressOf(typed)).toEqual({ kind, slug });
});
