import { describe, expect, test } from "vitest";
import type { BulkChange } from "../../types";
import { chosen, emptyOf, NOBODY, resultMessage, targetOf, undoOf, whereOf } from "./choice";

const rows = [
  { slug: "a", status: "draft" },
  { slug: "b", status: "active" },
  { slug: "c", status: "archived" },
] as const;
const job: BulkChange = {
  id: "1",
  act: "publish",
  terms: {},
  status: "done",
  products_total: 3,
  products_done: 3,
  products_refused: 0,
  is_cancel_asked: false,
  problem: "",
  actor: "Ira",
  created_at: "2026-01-01T00:00:00Z",
  finished_at: null,
};

describe("who is chosen", () => {
  const all = chosen(NOBODY, [...rows], true);

  test("some by hand, on any page, or all that the filters let through with how many were seen", () => {
    const two = chosen(all, [rows[1]], false);
    const filters = whereOf(new URLSearchParams("q=oud&status=draft&category=woods&collection=&cursor=x"));
    expect(filters).toEqual({ q: "oud", status: "draft", category: "woods" });
    expect(targetOf(two, filters, 9)).toEqual({ slugs: ["a", "c"] });
    expect(targetOf({ ...two, all: true }, filters, 9)).toEqual({ where: filters, expected: 9 });
  });

  test("the way back gives each the state it had, but for those that never lost it", () => {
    expect(undoOf(all, "publish", new Set())).toEqual([
      { act: "unpublish", slugs: ["a"] },
      { act: "archive", slugs: ["c"] },
    ]);
    expect(undoOf(all, "archive", new Set(["a", "b"]))).toEqual([]);
    expect(undoOf(all, "reprice", new Set())).toEqual([]);
  });
});

test("an end is told with what stayed, was stopped or failed", () => {
  expect(resultMessage(job)).toBe("3 products published.");
  expect(resultMessage({ ...job, products_refused: 1 })).toBe("2 of 3 products published, 1 stayed as it was.");
  expect(resultMessage({ ...job, status: "cancelled", products_total: 1200 })).toBe(
    "3 of 1,200 products published. It was stopped.",
  );
  expect(resultMessage({ ...job, status: "running", products_done: 1 })).toBe("1 of 3 products published…");
});

test("free samples are in a view of their own, and a search finds them as well", () => {
  const asked = (query: string) => whereOf(new URLSearchParams(query));
  expect(asked("")).toEqual({ sample: false });
  expect(asked("status=draft")).toEqual({ status: "draft", sample: false });
  expect(asked("view=samples")).toEqual({ sample: true });
  expect(asked("q=encre")).toEqual({ q: "encre" });
});

test("an empty list says of what it is empty", () => {
  const words = (query: string) => emptyOf(new URLSearchParams(query));
  expect(words("q=oud&status=draft")).toBe("No product matches “oud”.");
  expect(words("view=samples")).toMatch(/^No free samples\./);
  expect(words("status=draft")).toBe("No products with these filters.");
  expect(words("")).toBe("No products yet.");
});
