import { render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { expect, test } from "vitest";
import { MorePages } from "./MorePages";

test("the next page keeps what the list is narrowed to, and the first page forgets the cursor", () => {
  render(
    <MemoryRouter initialEntries={["/orders?view=unpaid&cursor=old"]}>
      <MorePages next="a+b" total={70} shown={50} noun="orders" />
    </MemoryRouter>,
  );
  expect(screen.getByRole("link", { name: "Next" }).getAttribute("href")).toBe("/orders?view=unpaid&cursor=a%2Bb");
  expect(screen.getByRole("link", { name: "First" }).getAttribute("href")).toBe("/orders?view=unpaid");
});
