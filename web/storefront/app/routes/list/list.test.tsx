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
  ignored: [],
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

test("the box that was ticked by the keyboard is still the one in focus when the answer has come", async () => {
  const user = show();
  const box = screen.getByRole("checkbox", { name: /Woody/ });
  box.focus();
  await user.keyboard(" ");
  expect(screen.getByLabelText("address")).toHaveTextContent("?family=woody");
  expect(box).toHaveFocus();
  await user.click(screen.getByRole("link", { name: /Woody/ }));
  expect(box).not.toBeChecked();
});

test("one of many values is behind the first few, and one that is on keeps its box when nothing is left of it", () => {
  const values = Array.from({ length: 40 }, (_, n) => ({ value: `v${n}`, label: `Value ${n}`, count: 1 }));
  show({ facets: [{ name: "maker", label: "Maker", values, min: null, max: null }] }, "/perfumes?maker=gone");
  expect(screen.getByText("33 more")).toBeInTheDocument();
  expect(screen.getByRole("checkbox", { name: /gone/, hidden: true })).toBeChecked();
});

test("what hangs on an address and is no filter is no chip; a typed price is said in the list's currency", () => {
  const money = (amount: number) => ({ amount, currency: "KWD" });
  const price = { name: "price", label: "Price", values: [], min: money(1000), max: money(90_000) };
  show({ facets: [...list.facets, price] }, "/perfumes?utm_source=mail&min_price=12");
  const chips = screen.getByRole("list", { name: "Filters that are on" });
  expect(chips).toHaveTextContent(/From KWD\s?12Remove/);
  expect(chips).not.toHaveTextContent("mail");
});

test("after the most pages one address may hold, the list goes on at an address of its own", () => {
  show({ page: 10, next: "c11" }, "/perfumes?family=woody&page=10");
  expect(screen.getByRole("link", { name: "Further on" })).toHaveAttribute("href", "/perfumes?family=woody&after=c11");
});
