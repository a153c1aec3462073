import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test } from "vitest";
import { MorePages } from "./MorePages";

afterEach(cleanup);

test("the next page keeps what the list is narrowed to, and the first page forgets the cursor", () => {
  render(
    <MemoryRouter initialEntries={["/orders?view=unpaid&cursor=old"]}>
      <MorePages next="a+b" total={70} shown={50} noun="orders" />
    </MemoryRouter>,
  );
  expect(screen.getByRole("link", { name: "Next" }).getAttribute("href")).toBe("/orders?view=unpaid&cursor=a%2Bb");
  expect(screen.getByRole("link", { name: "First" }).getAttribute("href")).toBe("/orders?view=unpaid");
});

function show(address: string, total: number, next: string | null) {
  render(
    <MemoryRouter initialEntries={[address]}>
      <MorePages next={next} total={total} shown={Math.min(total, 50)} noun="orders" />
    </MemoryRouter>,
  );
}

test("the first page has no link to itself", () => {
  show("/orders", 70, "a");
  expect(screen.getByRole("link", { name: "Next" })).toBeTruthy();
  expect(screen.queryByRole("link", { name: "First" })).toBeNull();
});

test("a list of one page only says how many there are, and an empty list nothing", () => {
  show("/orders", 3, null);
  expect(screen.getByText("3 of 3 orders")).toBeTruthy();
  expect(screen.queryByRole("link")).toBeNull();
  cleanup();
  show("/orders", 0, null);
  expect(screen.queryByText(/orders/)).toBeNull();
});
