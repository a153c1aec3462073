import { expect, test } from "vitest";
import { listQuery, redirectTarget } from "./list-query";

test("an old address leads on with what was asked for, and without what the router asked of itself", () => {
  const walked = new Request("https://noirel.example/p/old?size=50ml&_routes=routes%2Fproduct%2Froute");
  expect(redirectTarget("/p/new", walked)).toBe("/p/new?size=50ml");
  expect([...listQuery(walked).keys()]).toEqual(["size"]);
  expect(redirectTarget("/p/new", new Request("https://noirel.example/p/old?_routes=x"))).toBe("/p/new");
});
