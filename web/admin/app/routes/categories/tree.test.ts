import { expect, test } from "vitest";
import type { CategoryNode } from "../../catalogue";
import { isWithin, placeByKey, placed, placeOf, rowsOf } from "./tree";

const node = (slug: string, ...children: CategoryNode[]): CategoryNode => ({
  slug,
  name: slug,
  story: "",
  product_count: 0,
  held: 0,
  children,
});
const tree = [node("a", node("a1", node("deep")), node("a2")), node("b"), node("c")];
const told = (rows: CategoryNode[]): string =>
  rows.map(({ slug, children }) => (children.length ? `${slug}(${told(children)})` : slug)).join(" ");
const by = (slug: string, key: string) => {
  const place = placeByKey(tree, slug, key);
  return place ? told(placed(tree, slug, place)) : null;
};

test("up and down go among its like, and no further", () => {
  expect(by("b", "ArrowUp")).toBe("b a(a1(deep) a2) c");
  expect(by("b", "ArrowDown")).toBe("a(a1(deep) a2) c b");
  expect(by("c", "Home")).toBe("c a(a1(deep) a2) b");
  expect(by("a", "End")).toBe("b c a(a1(deep) a2)");
  expect(by("a", "ArrowUp")).toBeNull();
  expect(by("a2", "ArrowDown")).toBeNull();
});

test("right goes below the one before it, left comes out after its parent", () => {
  expect(by("b", "ArrowRight")).toBe("a(a1(deep) a2 b) c");
  expect(by("a1", "ArrowRight")).toBeNull();
  expect(by("a1", "ArrowLeft")).toBe("a(a2) a1(deep) b c");
  expect(by("deep", "ArrowLeft")).toBe("a(a1 deep a2) b c");
  expect(by("c", "ArrowLeft")).toBeNull();
});

test("nothing goes below itself", () => {
  expect(isWithin(tree, "deep", "a")).toBe(true);
  expect(placed(tree, "a", { parent: "deep", before: null })).toBe(tree);
  expect(placed(tree, "a", { parent: null, before: "a" })).toBe(tree);
});

test("a move is undone by the place it had", () => {
  const was = placeOf(tree, "a1");
  const moved = placed(tree, "a1", { parent: "c", before: null });
  expect(told(moved)).toBe("a(a2) b c(a1(deep))");
  expect(was && told(placed(moved, "a1", was))).toBe(told(tree));
});

test("what stands below a closed one is left out", () => {
  expect(rowsOf(tree, new Set(["a"])).map((row) => row.node.slug)).toEqual(["a", "b", "c"]);
});
