import { expect, test } from "vitest";
import { canOpen, landingFor, visibleNavItems } from "./navigation";

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
  expect(canOpen(packer, "/imports/1")).toBe(false);
  expect(canOpen(owner, "/imports/1")).toBe(true);
  expect(canOpen(packer, "/events/ours/4")).toBe(false);
  expect(visibleNavItems(packer).map(({ to }) => to)).not.toContain("/desk");
});

test("a form for something new is open to those who may save it", () => {
  for (const path of ["/categories/~new", "/attributes/~new", "/collections/~new"]) {
    expect(canOpen(packer, path)).toBe(false);
    expect(canOpen(owner, path)).toBe(true);
  }
  expect(canOpen(packer, "/categories/perfumes")).toBe(true);
  expect(canOpen(owner, "/drops/new")).toBe(false);
  expect(canOpen({ permissions: ["drops.view", "drops.edit"] }, "/drops/new")).toBe(true);
});
