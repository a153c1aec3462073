import { Problem } from "@noirel/shared/api/problem";
import type { Drop, Entry } from "@noirel/shared/api/types";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ComponentProps } from "react";
import { createRoutesStub } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ShopContext } from "../../layout/shop-context";
import { inr, SHOP } from "../../testing/fixtures";
import DropPage from "./route";

const bring = vi.fn<(right: unknown) => Promise<void>>();
const send = vi.fn<(config: { method?: string; url: string; data?: unknown }) => Promise<unknown>>();
vi.mock("../../cart/cart-context", () => ({ useCart: () => ({ bring }) }));
vi.mock("../../session/session", () => ({
  useSession: () => ({ user: null }),
  personal: () => Promise.resolve({ send }),
  onSignedIn: () => Promise.resolve(null),
}));

beforeEach(() => {
  bring.mockReset().mockResolvedValue();
  send.mockReset();
});
afterEach(cleanup);

const NOW = Date.now();
const hours = (count: number) => new Date(NOW + count * 3_600_000).toISOString();

function drop(over: Partial<Drop> = {}): Drop {
  return {
    slug: "minuit",
    name: "Minuit",
    words: "A hundred flacons.\n\nOne each.",
    mode: "first_come",
    status: "announced",
    opens_at: hours(-1),
    closes_at: hours(5),
    per_person: 1,
    per_address: 1,
    hold_seconds: 300,
    postponed: null,
    variants: [
      {
        sku: "NRL-2112-50",
        title: "50 ml",
        price: inr(14500),
        product: { slug: "encre", name: "Encre", subtitle: "", attributes: {} },
        image: null,
        in_stock: true,
      },
    ],
    lottery: null,
    ...over,
  };
}

const LOTTERY: NonNullable<Drop["lottery"]> = {
  algorithm: "hmac-sha256-v1",
  commitment: "ab".repeat(32),
  committed_at: hours(-2),
  units: 20,
  winners: 20,
  claim_seconds: 172_800,
  beacon_source: "",
  beacon: null,
  entry_count: null,
  entries_hash: null,
  listed_at: null,
  drawn_at: null,
};
const DRAWN = { ...LOTTERY, entry_count: 41, entries_hash: "cd".repeat(32), listed_at: hours(-1), drawn_at: hours(-1) };

function entry(over: Partial<Entry> = {}): Entry {
  return {
    id: "94378b81-4d53-4be9-97ca-c4ca44ec7840",
    token: "e".repeat(64),
    drop: "minuit",
    state: "entered",
    entered_at: hours(-1),
    place: null,
    claim_by: null,
    order: null,
    ...over,
  };
}

function show(given: Drop, mine: Entry | null = null) {
  const loaderData = { drop: given, served: new Date(NOW).toISOString(), entry: mine };
  const Stub = createRoutesStub([
    {
      path: "/drops/:slug",
      Component: () => <DropPage {...({ loaderData } as ComponentProps<typeof DropPage>)} />,
    },
  ]);
  render(
    <ShopContext value={SHOP}>
      <Stub initialEntries={["/drops/minuit"]} />
    </ShopContext>,
  );
  return userEvent.setup();
}

test("before it opens, a launch says when, in a date and in time left", () => {
  show(drop({ opens_at: hours(2) }));
  expect(screen.getByRole("timer")).toHaveTextContent("Opens in 2 hours.");
  expect(screen.queryByRole("link", { name: /Choose/ })).toBeNull();
});

test("once open, it leads to the flacon", () => {
  show(drop());
  expect(screen.getByRole("link", { name: "Choose Encre" })).toHaveAttribute("href", "/p/encre");
  expect(screen.getByText("5 minutes to pay")).toBeVisible();
});

test("sold out and closed are told apart", () => {
  const [only] = drop().variants;
  show(drop({ variants: only ? [{ ...only, in_stock: false }] : [] }));
  expect(screen.getByText("All of it is gone.")).toBeVisible();
  cleanup();
  show(drop({ closes_at: hours(-0.5) }));
  expect(screen.getByText("It has closed.")).toBeVisible();
});

test("a guest enters with an address, and is told of the mail", async () => {
  send.mockResolvedValue({ entry: null });
  const user = show(drop({ mode: "lottery", lottery: LOTTERY }));
  await user.type(screen.getByLabelText("E-mail"), "ira@example.com");
  await user.click(screen.getByRole("button", { name: "Enter the draw" }));
  expect(send).toHaveBeenCalledWith({
    method: "POST",
    url: "/drops/minuit/entries",
    data: { email: "ira@example.com" },
  });
  expect(await screen.findByText(/We wrote to ira@example.com/)).toBeVisible();
});

test("an address that is none is said beside its field, and nothing is sent", async () => {
  const user = show(drop({ mode: "lottery", lottery: LOTTERY }));
  await user.type(screen.getByLabelText("E-mail"), "ira");
  await user.click(screen.getByRole("button", { name: "Enter the draw" }));
  expect(screen.getByLabelText("E-mail")).toHaveAccessibleDescription(/name@example.com/);
  expect(send).not.toHaveBeenCalled();
});

test("a refusal is said, and the address is still there", async () => {
  send.mockRejectedValue(new Problem(409, { code: "drop_closed", detail: "Entries have closed." }));
  const user = show(drop({ mode: "lottery", lottery: LOTTERY }));
  await user.type(screen.getByLabelText("E-mail"), "ira@example.com");
  await user.click(screen.getByRole("button", { name: "Enter the draw" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Entries have closed.");
  expect(screen.getByLabelText("E-mail")).toHaveValue("ira@example.com");
});

test("the mail's link asks for one press, since programs open links as well", async () => {
  send.mockResolvedValue(entry());
  const user = show(drop({ mode: "lottery", lottery: LOTTERY }), entry({ state: "unconfirmed", entered_at: null }));
  expect(send).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Confirm my entry" }));
  expect(await screen.findByRole("heading", { name: "You are in." })).toBeVisible();
});

test("who was drawn puts it in the bag", async () => {
  const won = entry({ state: "won", place: 3, claim_by: hours(40) });
  const user = show(drop({ mode: "lottery", status: "drawn", closes_at: hours(-1), lottery: DRAWN }), won);
  expect(screen.getByRole("heading", { name: "You were drawn." })).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Put it in my bag" }));
  expect(bring).toHaveBeenCalledWith({ drop: "minuit", entry: won.id, token: won.token });
});

test("who was not is told the place, and that the next in order are written to", () => {
  const later = entry({ state: "waiting", place: 31 });
  show(drop({ mode: "lottery", status: "drawn", closes_at: hours(-1), lottery: DRAWN }), later);
  expect(screen.getByText(/Place 31 of 41; the first 20 may buy/)).toBeVisible();
});

test("the promise is on the page before the draw, and the draw can be run after it", () => {
  show(drop({ mode: "lottery", lottery: LOTTERY }));
  expect(screen.getByText(LOTTERY.commitment)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Run the draw again" })).toBeNull();
  cleanup();
  show(drop({ mode: "lottery", status: "drawn", closes_at: hours(-1), lottery: DRAWN }));
  expect(screen.getByRole("button", { name: "Run the draw again" })).toBeVisible();
});

test("the limits of a person and of a delivery address are both told, and times name the shop's zone", () => {
  show(drop({ per_person: 2, per_address: 3, opens_at: "2030-11-26T15:42:00Z", closes_at: null }));
  expect(screen.getByText("For each person").nextSibling).toHaveTextContent("2");
  expect(screen.getByText("For each delivery address").nextSibling).toHaveTextContent("3");
  expect(screen.getByText("Opens").nextSibling).toHaveTextContent("Tuesday 26 November at 21:12 IST");
});

test("a launch that was postponed says what was announced before, and why", () => {
  show(
    drop({
      opens_at: "2030-11-27T15:42:00Z",
      closes_at: null,
      postponed: {
        at: "2030-11-01T00:00:00Z",
        announced_opens_at: "2030-11-26T15:42:00Z",
        announced_closes_at: null,
        reason: "The glass is late.",
      },
    }),
  );
  expect(screen.getByText(/It was to open on Tuesday 26 November at 21:12 IST\./)).toBeVisible();
  expect(screen.getByText("The glass is late.")).toBeVisible();
});
