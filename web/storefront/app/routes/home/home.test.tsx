import { cleanup, render, screen, within } from "@testing-library/react";
import type { ComponentProps } from "react";
import { createRoutesStub } from "react-router";
import { afterEach, expect, test } from "vitest";
import { card, picture } from "../../testing/fixtures";
import Home from "./route";

afterEach(cleanup);

const hour = (slug: string, name: string, at: string) =>
  card({ slug, name, attributes: { ...card().attributes, hour: at } });
const products = [
  hour("premier-soir", "Premier Soir", "18:40"),
  hour("encre", "Encre", "21:12"),
  hour("velours", "Velours", "02:30"),
  hour("aube-nue", "Aube Nue", "05:51"),
];

const loaderData = {
  products,
  families: [],
  discovery: null,
  drops: [],
  served: "2026-11-26T15:00:00Z",
  cover: { product: products[1], cutout: picture("encre-cutout", "cutout"), line: "Iris root." },
};

function Shown() {
  return <Home {...({ loaderData } as unknown as ComponentProps<typeof Home>)} />;
}

const Stub = createRoutesStub([{ path: "/", Component: Shown }]);
const show = () => render(<Stub />);

test("the cover's heading is read once, as hour and name", () => {
  show();
  expect(screen.getByRole("heading", { level: 1 })).toHaveAccessibleName("21:12, Encre");
});

test("the dial is a list of links in the order of the night, with the cover's hour marked", () => {
  show();
  const dial = screen.getByRole("navigation", { name: "The hours" });
  const items = within(dial).getAllByRole("listitem");
  expect(items.map((item) => item.textContent)).toEqual([
    "18:40, Premier Soir",
    "21:12, Encre",
    "02:30, Velours",
    "05:51, Aube Nue",
  ]);
  expect(items[1]).toHaveAttribute("aria-current", "page");
  expect(items[0]).toHaveStyle({ insetInlineStart: "0%" });
  expect(items[3]).toHaveStyle({ insetInlineStart: "100%" });
});

test("one picture of the page is fetched first", () => {
  show();
  // The cut-out and its reflection are the same file.
  const first = document.querySelectorAll('img[fetchpriority="high"]');
  expect(new Set([...first].map((image) => image.getAttribute("src"))).size).toBe(1);
});
