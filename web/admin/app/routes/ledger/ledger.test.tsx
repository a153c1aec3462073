import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRoutesStub, useLocation } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import type { LedgerPage } from "../../api";
import { serve } from "../../testing/server";
import { ToastProvider } from "../../ui/Toast";
import { Component, loader } from "./route";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const entry = (number: number) => ({
  number,
  kind: "sale",
  order: "NE-1",
  reference: "NE-1",
  memo: "",
  at: "2026-11-23T07:00:00Z",
  postings: [{ account: "gateway", name: "Gateway", amount: { amount: 655000, currency: "INR" } }],
});

const full = { results: [entry(1)], next: null, total: 1, sums: [] } as unknown as LedgerPage;
const none = { ...full, results: [], total: 0 };

function Address() {
  const { search } = useLocation();
  return <output aria-label="Address">{search}</output>;
}

function show(
  address: string,
  page: LedgerPage = full,
  csv: () => { status?: number; body: unknown } = () => ({ body: "" }),
) {
  const heard = serve(({ url }) => (url.endsWith(".csv") ? csv() : { body: page }));
  const Stub = createRoutesStub([
    {
      path: "/ledger",
      loader,
      HydrateFallback: () => null,
      Component: () => (
        <ToastProvider>
          <Component />
          <Address />
        </ToastProvider>
      ),
    },
  ]);
  render(<Stub initialEntries={[address]} />);
  const filters = async () => within(await screen.findByRole("search", { name: "Entries" }));
  return { user: userEvent.setup(), heard, filters };
}

const params = (text: string | null) =>
  Object.fromEntries([...new URLSearchParams(text ?? "")].filter(([, one]) => one));

test("the filters of the address are in the fields, and the list is asked for with them", async () => {
  const { heard, filters } = show("/ledger?account=gateway&order=NE-1&from=2026-11-01&to=2026-11-30&currency=INR");
  const search = await filters();
  expect(search.getByLabelText<HTMLSelectElement>("Account").value).toBe("gateway");
  expect(search.getByLabelText<HTMLInputElement>("Order or gateway ID").value).toBe("NE-1");
  expect(search.getByLabelText<HTMLInputElement>("From").value).toBe("2026-11-01");
  expect(search.getByLabelText<HTMLInputElement>("To").value).toBe("2026-11-30");
  expect(search.getByLabelText<HTMLInputElement>("Currency").value).toBe("INR");
  expect(heard[0]?.params).toMatchObject({
    account: "gateway",
    order: "NE-1",
    from: "2026-11-01",
    to: "2026-11-30",
    currency: "INR",
  });
});

test("applied filters are in the address without the page one was on, and Clear takes them away", async () => {
  const { user, heard, filters } = show("/ledger?cursor=abc");
  await user.type((await filters()).getByLabelText("Order or gateway ID"), " NE-1 ");
  await user.click((await filters()).getByRole("button", { name: "Apply" }));
  await expect.poll(() => heard.length).toBe(2);
  expect(heard[0]?.params).toMatchObject({ cursor: "abc" });
  expect(heard[1]?.params).toMatchObject({ order: "NE-1" });
  expect(heard[1]?.params).not.toHaveProperty("cursor", "abc");
  await expect.poll(() => params(screen.getByLabelText("Address").textContent)).toEqual({ order: " NE-1 " });
  await user.click((await filters()).getByRole("link", { name: "Clear" }));
  await expect.poll(() => screen.getByLabelText("Address").textContent).toBe("");
  expect((await filters()).getByLabelText<HTMLInputElement>("Order or gateway ID").value).toBe("");
  expect((await filters()).queryByRole("link", { name: "Clear" })).toBeNull();
});

test("the file has the filters of the list, and a refusal of it is said", async () => {
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:ledger");
  vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
  const click = vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
  const answers = [{ body: new Blob(["number"]) }, { status: 429, body: { title: "Too many downloads." } }];
  const { user, heard } = show(
    "/ledger?account=gateway&from=2026-11-01&cursor=abc",
    full,
    () => answers.shift() ?? { body: "" },
  );
  const button = await screen.findByRole("button", { name: "Download CSV" });
  await user.click(button);
  await expect.poll(() => click.mock.calls.length).toBe(1);
  const sent = heard.find(({ url }) => url === "/admin/ledger/entries.csv");
  expect(sent?.params).toMatchObject({ account: "gateway", from: "2026-11-01" });
  expect(sent?.params).not.toHaveProperty("cursor");
  await user.click(button);
  expect(await screen.findByText("Too many downloads.")).toBeTruthy();
});

test("an empty list says whether a filter is why, and there is no file of it", async () => {
  show("/ledger?currency=USD", none);
  expect(await screen.findByText("No entry matches these filters.")).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Download CSV" }).disabled).toBe(true);
  cleanup();
  show("/ledger", none);
  expect(await screen.findByText("No entries yet.")).toBeTruthy();
});
