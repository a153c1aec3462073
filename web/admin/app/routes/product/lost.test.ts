import { expect, test } from "vitest";
import { lostOf } from "./Words";

test("what the shop takes out of a story is named, event handlers too", () => {
  expect(lostOf('<p onclick="a()">On top</p><img src=x ONERROR=b() onload>', "<p>On top</p>")).toBe(
    "onclick of <p>, <img>",
  );
  expect(lostOf("<p>one</p><script>a()</script>", "<p>one</p>")).toBe("<script>");
  expect(lostOf('<p title="on=1">one</p>', '<p title="on=1">one</p>')).toBe("");
});

test("a story is parsed without its event handlers, which browsers would report to the console", () => {
  const parsed: string[] = [];
  const parse = DOMParser.prototype.parseFromString;
  DOMParser.prototype.parseFromString = function (html, type) {
    parsed.push(html);
    return parse.call(this, html, type);
  };
  try {
    lostOf('<img src=x onerror=a()><a\nonclick = "b()">on</a>', "");
  } finally {
    DOMParser.prototype.parseFromString = parse;
  }
  expect(parsed[0]).not.toMatch(/[\s"'/]on[a-z]+\s*=/i);
});
