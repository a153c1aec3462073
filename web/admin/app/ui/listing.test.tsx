import { Problem } from "@noirel/shared/api/problem";
import { cleanup, render, screen } from "@testing-library/react";
import type { ComponentType } from "react";
import { createRoutesStub, type LoaderFunction } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import * as drops from "../routes/drops/route";
import { RouteProblem } from "../routes/errors/RouteProblem";
import * as webhooks from "../routes/events/webhooks";
import * as inventory from "../routes/inventory/route";
import * as ledger from "../routes/ledger/route";
import * as orders from "../routes/orders/route";
import * as products from "../routes/products/route";
import * as redirects from "../routes/redirects/route";
import * as desk from "../routes/review-queue/route";
import { serve } from "../testing/server";
import { readPage } from "./listing";
import { ToastProvider } from "./Toast";

vi.mock("../session/session", () => ({
  hasPermission: () => false,
  currentUser: () => null,
  onSessionChange: () => () => undefined,
}));
afterEach(cleanup);

const invalid = (field: string, message: string) => ({
  status: 400,
  body: { title: "Invalid", code: "invalid", errors: [{ field, code: "invalid", message }] },
});

type Route = { Component: ComponentType; loader: LoaderFunction };

function open(
  address: string,
  { Component, loader }: Route,
  refuses: (params: Record<string, string>) => object | null,
) {
  serve(({ url, params }) => {
    if (url === "/shop") return { body: { currencies: ["INR"] } };
    const refused = refuses(params as Record<string, string>);
    return (refused as { body: unknown }) ?? { body: { results: [], counts: [], sums: [], next: null, total: 0 } };
  });
  const Stub = createRoutesStub([
    {
      path: address.split("?")[0] ?? "/",
      loader,
      HydrateFallback: () => null,
      ErrorBoundary: RouteProblem,
      Component: () => (
        <ToastProvider>
          <Component />
        </ToastProvider>
      ),
    },
  ]);
  render(<Stub initialEntries={[address]} />);
}

const LISTS: [string, string, Route][] = [
  ["/desk?kind=zzz", "kind", desk],
  ["/redirects?kind=zz", "kind", redirects],
  ["/drops?status=zz", "status", drops],
  ["/events?state=zz", "state", webhooks],
  ["/orders?activity=zz&from=a&to=b", "activity", orders],
];

test.each(LISTS)("%s keeps its page, and says what can't be filtered so", async (address, name, route) => {
  open(address, route as Route, (params) => (params[name] ? invalid(name, "One of a, b.") : null));
  const notice = await screen.findByRole("alert");
  expect(notice.textContent).toMatch(/Choose one of the values on offer\./);
  expect(screen.queryByText("No answer")).toBeNull();
  expect(screen.getByRole("link", { name: "Show all" }).getAttribute("href")).toBe(address.split("?")[0]);
});

const PAGED: [string, Route][] = [
  ["/orders?cursor=old", orders],
  ["/products?cursor=old", products],
  ["/inventory?cursor=old", inventory],
  ["/redirects?cursor=old", redirects],
  ["/ledger?cursor=old", ledger],
];

test.each(PAGED)(
  "%s, a page of the list that is no longer there, becomes the first with a note",
  async (address, route) => {
    open(address, route as Route, ({ cursor }) =>
      cursor ? invalid("cursor", "This cursor is not one of ours.") : null,
    );
    expect(await screen.findByText("That page of the list is no longer there. This is the first one.")).toBeTruthy();
  },
);

test("days of the ledger in the wrong order are refused at their field, which is kept", async () => {
  open("/ledger?from=2027-01-01&to=2020-01-01", ledger as Route, ({ to }) =>
    to ? invalid("to", "The last day comes before the first.") : null,
  );
  const to = await screen.findByLabelText<HTMLInputElement>("To");
  expect(to.value).toBe("2020-01-01");
  expect(document.getElementById(to.getAttribute("aria-describedby") ?? "")?.textContent).toBe(
    "The last day comes before the first.",
  );
  expect(document.activeElement).toBe(to);
  expect(screen.getAllByText("The last day comes before the first.")).toHaveLength(1);
});

test("what is no refusal of the query stays a failure", async () => {
  const away = new Problem(503, { title: "Away" });
  await expect(readPage({ cursor: "a" }, () => Promise.reject(away))).rejects.toBe(away);
});
