import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRoutesStub } from "react-router";
import { afterEach, expect, test } from "vitest";
import type { User } from "../types";
import { mod } from "./mod";
import { Shell } from "./Shell";

afterEach(cleanup);

const user: User = {
  id: "0",
  email: "ira@example.com",
  name: "Ira",
  phone: "",
  email_verified: true,
  is_staff: true,
  permissions: ["products.view", "orders.view"],
  created_at: "2026-01-01T00:00:00Z",
};

function open() {
  const Stub = createRoutesStub([
    {
      path: "/",
      Component: () => <Shell user={user} />,
      children: ["orders", "collections", "attributes"].map((path) => ({ path, Component: () => <h1>{path}</h1> })),
    },
  ]);
  render(<Stub initialEntries={["/orders"]} />);
}

test("two keys go to a place, and ? says which there are, for those one may see", async () => {
  open();
  await screen.findByRole("heading", { name: "orders" });
  await userEvent.keyboard("gk");
  await screen.findByRole("heading", { name: "collections" });
  await userEvent.keyboard("gt");
  await screen.findByRole("heading", { name: "attributes" });
  await userEvent.keyboard("gi");
  await userEvent.keyboard("?");
  const told = within(await screen.findByRole("dialog", { name: "Keyboard shortcuts" }));
  expect(told.getByText("Collections")).toBeDefined();
  expect(told.queryByText("Inventory")).toBeNull();
});

test("the keys of lists and of an order are told too, with the key that this keyboard has", async () => {
  open();
  await screen.findByRole("heading", { name: "orders" });
  await userEvent.keyboard("?");
  const told = within(await screen.findByRole("dialog", { name: "Keyboard shortcuts" }));
  for (const does of ["Next row", "Previous row", "Open the row", "Fulfil", "Refund", "Save"]) {
    expect(told.getByText(does)).toBeDefined();
  }
  expect(told.queryByText("⌘")).toBeNull();
  expect(told.getAllByText("Ctrl")).toHaveLength(2);
  expect([mod("MacIntel"), mod("Win32"), mod("Linux x86_64")]).toEqual(["⌘", "Ctrl", "Ctrl"]);
});
