import type { ProductList } from "@noirel/shared/api/types";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createContext, useContext } from "react";
import { createRoutesStub, useLocation } from "react-router";
import { afterEach, expect, test } from "vitest";
import { card } from "../../testing/fixtures";
import { List } from "./list";

afterEach(cleanup);

const list: ProductList & { page: number } = {
  results: [card(), card({ slug: "cendre", name: "Cendre", in_stock: false })],
  next: "c2",
  total: 40,
  page: 1,
  facets: [
    {
      name: "family",
      label: "Family",
      values: [
        { value: "woody", label: "Woody", count: 2 },
        { value: "floral", label: "Floral", count: 1 },
      ],
      min: null,
      max: null,
    },
  ],
  did_you_mean: null,
  nearest: [],
};

function Address() {
  return <output aria-label="address">{useLocation().search}</output>;
}

const Given = createContext(list);

function Shown() {
  return (
    <>
      <List title="Perfumes" story="" list={useContext(Given)} />
      <Address />
    </>
  );
}

const Stub = createRoutesStub([{ path: "/perfumes", Component: Shown }]);

function show(over: Partial<typeof list> = {}, at = "/perfumes") {
  render(
    <Given value={{ ...list, ...over }}>
      <Stub initialEntries={[at]} />
    </Given>,
  );
  return userEvent.setup();
}

test("ticking a facet puts it in the address", async () => {
  const user = show();
  await user.click(screen.getAllByRole("checkbox", { name: /Woody/ })[0] as HTMLElement);
  expect(screen.getByLabelText("address")).toHaveTextContent("?family=woody");
});

test("what is on is a chip that removes itself, and all of it can be cleared", async () => {
  const user = show({}, "/perfumes?family=woody&family=floral&sort=newest");
  const chips = screen.getByRole("list", { name: "Filters that are on" });
  expect(chips).toHaveTextContent("Woody");
  await user.click(screen.getByRole("link", { name: /Woody/ }));
  expect(screen.getByLabelText("address")).toHaveTextContent("sort=newest");
  expect(screen.getByLabelText("address")).not.toHaveTextContent("woody");
  await user.click(screen.getByRole("link", { name: "Clear all" }));
  expect(screen.getByLabelText("address")).toHaveTextContent("?sort=newest");
});

test("more is a link, so that coming back finds the same pages", () => {
  show({}, "/perfumes?family=woody");
  expect(screen.getByRole("link", { name: "Load more" })).toHaveAttribute("href", "/perfumes?family=woody&page=2");
});

test("a card is one link, read with its hour; a sold out one says so", () => {
  show();
  expect(screen.getByRole("link", { name: /21:12,\s?Encre/ })).toHaveAttribute("href", "/p/encre");
  expect(screen.getByText("Sold out")).toBeInTheDocument();
});

test("nothing found is said in the house's words, with a way on", () => {
  show({ results: [], total: 0, next: null }, "/perfumes?family=aquatic");
  expect(screen.getByRole("heading", { name: "Nothing at this hour." })).toBeVisible();
  expect(screen.getAllByRole("link", { name: "Clear all" }).length).toBeGreaterThan(0);
});
