import type { Product, Variant } from "@noirel/shared/api/types";
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ComponentProps, createContext, useContext } from "react";
import { createRoutesStub, useLocation } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ShopContext } from "../../layout/shop-context";
import { Card } from "../../parts/card";
import { card, inr, picture, product, SHOP, variant } from "../../testing/fixtures";
import ProductPage, { meta } from "./route";

const add = vi.fn<(line: unknown) => Promise<void>>();
vi.mock("../../cart/cart-context", () => ({ useCart: () => ({ count: 0, add, open: () => {} }) }));

beforeEach(() => {
  add.mockReset().mockResolvedValue();
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  Element.prototype.scrollTo = () => {};
});
afterEach(cleanup);

function Address() {
  return <output aria-label="address">{useLocation().search}</output>;
}

const Given = createContext<Product>(product());

function Shown() {
  const given = useContext(Given);
  return (
    <ShopContext value={SHOP}>
      <ProductPage
        {...({
          loaderData: { product: given, beside: [], served: new Date().toISOString() },
        } as unknown as ComponentProps<typeof ProductPage>)}
      />
      <Address />
    </ShopContext>
  );
}

const Stub = createRoutesStub([{ path: "/p/:slug", Component: Shown }]);

function show(over: Partial<Product> = {}, at = "/p/encre") {
  render(
    <Given value={product(over)}>
      <Stub initialEntries={[at]} />
    </Given>,
  );
  return userEvent.setup();
}

const buy = () => screen.getAllByRole("button", { name: /Add to bag/ })[0] as HTMLElement;

test("a size in stock is chosen beforehand, and its price is on the button", () => {
  show();
  expect(screen.getByRole("radio", { name: /50 ml/ })).toBeChecked();
  expect(buy()).toHaveTextContent("₹14,500");
});

test("the chosen size is in the address", async () => {
  const user = show();
  await user.click(screen.getByRole("radio", { name: /10 ml/ }));
  expect(screen.getByLabelText("address")).toHaveTextContent("?size=10ml");
  expect(buy()).toHaveTextContent("₹4,200");
});

test("an address with a size opens on that size", () => {
  show({}, "/p/encre?size=10ml");
  expect(screen.getByRole("radio", { name: /10 ml/ })).toBeChecked();
});

test("a sold out size can be looked at but not bought, and says so in words", () => {
  show({}, "/p/encre?size=100ml");
  expect(screen.getByRole("radio", { name: /100 ml.*Sold out/ })).toBeChecked();
  expect(screen.getAllByRole("button", { name: /^Sold out/ })[0]).toBeDisabled();
  expect(screen.queryByText(SHOP.shipping_summary)).not.toBeInTheDocument(); // no day for what is gone
});

test("one picture has no row of small ones, and what has one version is named once", () => {
  show({
    name: "Vase",
    images: [picture("vase")],
    attributes: {},
    options: [],
    variants: [{ ...variant("Vase", 4200), options: {} }],
  });
  expect(screen.queryByRole("link", { name: /^Picture 1/ })).not.toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Enlarge the picture" })).toHaveTextContent("Press to enlarge");
  expect(screen.queryByText("Vase, Vase")).not.toBeInTheDocument();
});

test("only the house's flacons are drawn and said to be refillable", () => {
  show();
  expect(screen.getByText("Refillable flacon")).toBeInTheDocument();
  cleanup();
  show({ attributes: {} });
  expect(screen.getByRole("radio", { name: /50 ml/ })).toBeInTheDocument();
  expect(screen.queryByText("Refillable flacon")).not.toBeInTheDocument();
});

test("the engraving is cut in capitals of the alphabet, shown by the field and in the gallery, and goes into the bag", async () => {
  const user = show();
  await user.click(screen.getByRole("button", { name: "Add initials" }));
  await user.type(screen.getByRole("textbox", { name: /On the glass/ }), "a.b");
  expect(screen.getByRole("textbox", { name: /On the glass.*9 left/ })).toHaveValue("A.B");
  const cut = [...document.querySelectorAll("svg text")].map(({ textContent }) => textContent);
  expect(cut).toEqual(["A.B", "A.B"]);
  await user.click(buy());
  expect(add).toHaveBeenCalledWith({ sku: "ENC-50", quantity: 1, engraving: "A.B" });
  expect(await screen.findAllByText("In your bag")).not.toHaveLength(0);
});

test("what can't be engraved is named and kept for correction, and nothing goes into the bag", async () => {
  const user = show();
  await user.click(screen.getByRole("button", { name: "Add initials" }));
  const field = screen.getByRole("textbox", { name: /On the glass/ });
  await user.type(field, "zoë");
  expect(field).toHaveValue("ZOë");
  expect(field).toHaveAccessibleDescription(/“ë” can’t be engraved/);
  await user.click(buy());
  expect(add).not.toHaveBeenCalled();
  expect(field).toHaveFocus();
  await user.type(field, "{Backspace}E");
  await user.click(buy());
  expect(add).toHaveBeenCalledWith({ sku: "ENC-50", quantity: 1, engraving: "ZOE" });
});

test("a refusal is said by the button", async () => {
  const { Problem } = await import("@noirel/shared/api/problem");
  add.mockRejectedValue(new Problem(409, { code: "out_of_stock", detail: "Only two are left." }));
  const user = show();
  await user.click(buy());
  expect(await screen.findByRole("alert")).toHaveTextContent("Only two are left.");
});

test("without JavaScript the form posts the sku to the bag", () => {
  show();
  const form = buy().closest("form");
  expect(form).toHaveAttribute("action", "/bag");
  expect(new FormData(form as HTMLFormElement).get("sku")).toBe("ENC-50");
});

test("a product of two options, with no hour and no picture, can be chosen and bought", async () => {
  const make = (size: string, colour: string, quantity: number) => ({
    ...variant(size, 8000, quantity),
    sku: `J-${size}-${colour}`,
    title: `${size} / ${colour}`,
    options: { size, colour },
  });
  const user = show({
    name: "Classic Leather Jacket",
    attributes: {},
    images: [],
    options: [
      { name: "size", label: "Size", values: ["S", "M"] },
      { name: "colour", label: "Colour", values: ["Black", "Tan"] },
    ],
    variants: [make("S", "Black", 1), make("M", "Tan", 3)],
  });
  expect(screen.getByText("No picture of this one yet.")).toBeVisible();
  await user.click(within(screen.getByRole("group", { name: /Colour/ })).getByRole("radio", { name: /Tan/ }));
  await user.click(buy());
  expect(add).toHaveBeenCalledWith({ sku: "J-M-Tan", quantity: 1, engraving: null });
});

const launch = {
  slug: "minuit",
  name: "Minuit",
  mode: "first_come" as const,
  opens_at: new Date(Date.now() + 2 * 3_600_000).toISOString(),
  closes_at: null,
  per_person: 2,
  hold_seconds: 300,
};

test("what is in a launch says when it opens, and is not sold before", () => {
  show({ variants: [{ ...variant("50 ml", 14500), drop: launch }] });
  expect(screen.getByText(/Opens .* in 2 hours\. 2 for each person\./)).toBeVisible();
  expect(screen.getByRole("link", { name: "Minuit" })).toHaveAttribute("href", "/drops/minuit");
  expect(screen.getAllByRole("button", { name: /^Not open yet/ })[0]).toBeDisabled();
});

test("once open it is sold, with the share and the hold beside the button", () => {
  show({ variants: [{ ...variant("50 ml", 14500), drop: { ...launch, opens_at: "2026-01-01T00:00:00Z" } }] });
  expect(screen.getByText(/2 for each person, held for 5 minutes/)).toBeVisible();
  expect(buy()).toBeEnabled();
});

test("what is drawn by lot is entered, not bought", () => {
  show({ variants: [{ ...variant("50 ml", 14500), drop: { ...launch, mode: "lottery" } }] });
  expect(screen.getByRole("link", { name: /Enter the draw/ })).toHaveAttribute("href", "/drops/minuit");
  expect(screen.queryByRole("button", { name: /Add to bag/ })).toBeNull();
});

test("what is sold ahead says when it leaves, and can be had", async () => {
  const later = variant("100 ml", 22900, 0);
  later.availability = { in_stock: true, quantity: 0, policy: "preorder", expected_on: "2099-12-04" };
  const user = show({ variants: [variant("50 ml", 14500), later] }, "/p/encre?size=100ml");
  expect(screen.getByText("Pre-order, leaves on Friday 4 December 2099. Paid today.")).toBeTruthy();
  expect(screen.queryByText(SHOP.shipping_summary)).toBeNull();
  const [button] = screen.getAllByRole("button", { name: /^Pre-order/ });
  await user.click(button as HTMLElement);
  expect(add).toHaveBeenCalledWith({ sku: "ENC-100", quantity: 1, engraving: null });
});

test("of several options, what cannot be had with the rest is said and drawn, and the address chooses what is here", async () => {
  const made = (size: string, colour: string, quantity: number) => ({
    ...variant(`${size} / ${colour}`, 1000, quantity),
    sku: `${size}-${colour}`,
    options: { size, colour },
  });
  const user = show(
    {
      options: [
        { name: "size", label: "Size", values: ["S", "M"] },
        { name: "colour", label: "Colour", values: ["Blue", "Ivory"] },
      ],
      variants: [made("S", "Blue", 5), made("S", "Ivory", 0), made("M", "Blue", 0), made("M", "Ivory", 5)],
    },
    "/p/encre?size=m",
  );
  expect(screen.getByRole("radio", { name: "Ivory" })).toBeChecked();
  expect(screen.getByRole("radio", { name: /^Blue\s?, sold out with the rest/ })).not.toBeChecked();
  await user.click(screen.getByRole("radio", { name: /^Blue/ }));
  expect(screen.getByLabelText("address")).toHaveTextContent("?size=m&colour=blue");
  expect(screen.getAllByRole("button", { name: /^Sold out/ })[0]).toBeDisabled();
});

test("attributes of the shop's own are told by their kind: a colour, a list, a thing of several parts", () => {
  show({
    attributes: { tint: "#1f3a5f", care: ["Hand wash", "Keep dry"], layers: { top: ["Brass", "Zinc"], base: [] } },
    attribute_definitions: [
      { name: "tint", label: "Tint", type: "colour" },
      { name: "care", label: "Care", type: "list" },
      { name: "layers", label: "Layers", type: "json" },
    ],
  });
  expect(screen.getByText("#1f3a5f")).toBeInTheDocument();
  expect(screen.getByText("Hand wash, Keep dry")).toBeInTheDocument();
  expect(screen.getByText("Layers").nextSibling).toHaveTextContent("Top: Brass, Zinc");
});

const free = (title: string): Variant => ({
  ...variant(title, 0),
  availability: { in_stock: false, quantity: 0, policy: "deny", expected_on: null },
});

test("a variant priced 0 says that it is not sold on its own, and has no button", async () => {
  const user = show({ variants: [free("10 ml"), variant("50 ml", 14500)] }, "/p/encre?size=10ml");
  expect(screen.getByText("Not sold on its own.")).toBeVisible();
  expect(screen.queryByRole("button", { name: /Add to bag|Sold out/ })).toBeNull();
  expect(screen.queryByText(/₹0|gone for now/)).toBeNull();
  expect(screen.getByRole("radio", { name: /^10 ml\s?Not sold on its own$/ })).toBeChecked();
  await user.click(screen.getByRole("radio", { name: /50 ml/ }));
  expect(buy()).toBeEnabled();
  expect(screen.queryByText("Not sold on its own.")).toBeNull();
});

test("a variant priced 0 is no offer in the structured data", () => {
  const structured = (variants: Variant[]) => {
    const given = {
      loaderData: { product: product({ variants }), beside: [], served: "" },
      params: { slug: "encre" },
      matches: [{ id: "root", loaderData: { origin: "https://shop.example", shop: SHOP } }],
    };
    return JSON.stringify(meta(given as unknown as Parameters<typeof meta>[0]));
  };
  expect(structured([free("10 ml"), variant("50 ml", 14500)]).match(/"@type":"Offer"/g)).toHaveLength(1);
  expect(structured([free("10 ml")])).not.toContain('"@type":"Offer"');
});

test("a card of a product without a price has no price and says that it is not sold on its own", () => {
  const Cards = createRoutesStub([
    {
      path: "/",
      Component: () => (
        <Card sizes="100vw" product={card({ in_stock: false, price_range: { min: inr(0), max: inr(0) } })} />
      ),
    },
  ]);
  render(<Cards />);
  expect(screen.getByText("Not sold on its own")).toBeVisible();
  expect(screen.queryByText(/₹|Sold out/)).toBeNull();
});
