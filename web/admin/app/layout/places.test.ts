import { expect, test } from "vitest";
import { landingFor, mayOpen, placesOf } from "./places";

const packer = { permissions: ["orders.view", "orders.edit", "products.view", "inventory.view"] };
const owner = {
  permissions: [...packer.permissions, "analytics.view", "orders.refund", "products.edit", "drops.view"],
};

test.each([
  ["a packer", packer, "/", "/orders"],
  ["an owner", owner, "/", "/"],
  ["who works with stock alone", { permissions: ["inventory.view"] }, "/", "/inventory"],
  ["a packer who was sent to the desk", packer, "/desk?kind=late", "/orders"],
  ["a packer who was sent to an order", packer, "/orders/NE-1?at=x", "/orders/NE-1?at=x"],
  ["who may open nothing", { permissions: [] }, "/", "/"],
])("%s lands on a page that the role opens", (_, user, wanted, landing) => {
  expect(landingFor(user, wanted)).toBe(landing);
});

test("a page below a section asks for what the section does", () => {
  expect(mayOpen(packer, "/imports/1")).toBe(false);
  expect(mayOpen(owner, "/imports/1")).toBe(true);
  expect(mayOpen(packer, "/events/ours/4")).toBe(false);
  expect(placesOf(packer).map(({ to }) => to)).not.toContain("/desk");
});

test("a form for something new is open to those who may save it", () => {
  for (const path of ["/categories/~new", "/attributes/~new", "/collections/~new"]) {
    expect(mayOpen(packer, path)).toBe(false);
    expect(mayOpen(owner, path)).toBe(true);
  }
  expect(mayOpen(packer, "/categories/perfumes")).toBe(true);
  expect(mayOpen(owner, "/drops/new")).toBe(false);
  expect(mayOpen({ permissions: ["drops.view", "drops.edit"] }, "/drops/new")).toBe(true);
});
