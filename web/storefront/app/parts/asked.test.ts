import { expect, test } from "vitest";
import { askedOf, movedTo } from "./asked";

test("an old address leads on with what was asked for, and without what the router asked of itself", () => {
  const walked = new Request("https://noirel.example/p/old?size=50ml&_routes=routes%2Fproduct%2Froute");
  expect(movedTo("/p/new", walked)).toBe("/p/new?size=50ml");
  expect([...askedOf(walked).keys()]).toEqual(["size"]);
  expect(movedTo("/p/new", new Request("https://noirel.example/p/old?_routes=x"))).toBe("/p/new");
});
