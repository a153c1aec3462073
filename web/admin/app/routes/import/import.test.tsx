import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRoutesStub } from "react-router";
import { afterEach, expect, test } from "vitest";
import { serve } from "../../testing/server";
import type { Import, ImportFinding } from "../../types";
import { ToastProvider } from "../../ui/Toast";
import * as list from "../imports/route";
import { Component, loader } from "./route";

afterEach(cleanup);

const job = (over: Partial<Import> = {}): Import => ({
  id: "0190a6b0-0000-7000-8000-000000000001",
  status: "done",
  currency: "INR",
  products_total: 3,
  products_done: 3,
  is_cancel_asked: false,
  problem: "",
  actor: "owner@noirel.example",
  created_at: "2026-11-23T07:00:00Z",
  started_at: "2026-11-23T07:00:01Z",
  finished_at: "2026-11-23T07:00:02Z",
  file: { name: "products.csv", bytes: 2048 },
  dry_run: true,
  phase: "writing",
  tax_rate_bps: 1800,
  encoding: "utf-8-sig",
  delimiter: ";",
  columns: [
    { header: "Handle", meaning: "known", name: "Handle" },
    { header: "Price", meaning: "known", name: "Variant Price" },
    { header: "Wind", meaning: "unknown", name: "" },
  ],
  preview: [["hat", "12.50", "west"]],
  rows_read: 3,
  counts: {
    products_created: 1,
    products_changed: 0,
    products_unchanged: 1,
    products_refused: 1,
    variants_created: 1,
    variants_changed: 0,
    variants_unchanged: 1,
    images_found: 0,
  },
  error_count: 1,
  note_count: 0,
  ...over,
});

const finding: ImportFinding = {
  row: 2,
  column: "Variant Price",
  handle: "scarf",
  level: "error",
  message: "'dear' is not a price.",
};

const page = (Page: () => React.ReactNode) => () => (
  <ToastProvider>
    <Page />
  </ToastProvider>
);

const Stub = createRoutesStub([
  { path: "/imports", loader: list.loader, HydrateFallback: () => null, Component: page(list.Component) },
  { path: "/imports/:id", loader, HydrateFallback: () => null, Component: page(Component) },
]);

function show(path: string, one: Import = job()) {
  const heard = serve(({ method, url }) => {
    if (method === "post" && url.endsWith("/run")) return { status: 201, body: job({ dry_run: false, id: "real" }) };
    if (method === "post") return { status: 201, body: one };
    if (url.endsWith("/shop")) return { body: { currencies: ["INR", "EUR"] } };
    if (url.includes("/findings")) return { body: { results: [finding], next: null, total: 1 } };
    if (url === "/admin/imports" || url === "/admin/exports") return { body: { results: [], next: null, total: 0 } };
    return { body: url.endsWith("real") ? job({ dry_run: false, id: "real" }) : one };
  });
  render(<Stub initialEntries={[path]} />);
  return { user: userEvent.setup(), heard };
}

test("a trial says what it would do, what it did not understand, and which row is wrong", async () => {
  show(`/imports/${job().id}`);
  expect(await screen.findByText("1 to create, 1 unchanged, 1 refused")).toBeTruthy();
  expect(screen.getByText("Row 2")).toBeTruthy();
  expect(screen.getByText(/'dear' is not a price/)).toBeTruthy();
  const columns = within(screen.getByRole("table")).getAllByRole("row").slice(1);
  expect(columns.map((row) => row.textContent)).toEqual([
    "WindIgnored: not recognisedwest",
    "HandleRecognisedhat",
    "PriceRead as Variant Price12.50",
  ]);
  expect(screen.getByText("UTF-8, semicolons")).toBeTruthy();
});

test("after a trial the same file is run for good", async () => {
  const { user, heard } = show(`/imports/${job().id}`);
  await user.click(await screen.findByRole("button", { name: "Import 1 product" }));
  expect(await screen.findByText("Prices in INR.")).toBeTruthy();
  expect(heard.filter(({ method }) => method === "post").map(({ url }) => url)).toEqual([
    `/admin/imports/${job().id}/run`,
  ]);
});

test("what is under way can be stopped, and says how far it is", async () => {
  show(`/imports/${job().id}`, job({ status: "running", products_done: 1 }));
  expect(await screen.findByRole("button", { name: "Stop" })).toBeTruthy();
  expect(screen.getByRole("progressbar", { name: "Import" }).getAttribute("value")).toBe(String(1 / 3));
});

test("a file is asked for before anything is sent, and its currency is one of the shop’s", async () => {
  const { user, heard } = show("/imports");
  await user.click(await screen.findByRole("button", { name: "Check the file" }));
  expect(screen.getByText("Choose a file.")).toBeTruthy();
  await user.upload(screen.getByLabelText("File"), new File(["Handle\n"], "products.csv", { type: "text/csv" }));
  const [currency] = screen.getAllByLabelText<HTMLSelectElement>("Currency");
  expect([...(currency?.options ?? [])].map(({ value }) => value)).toEqual(["INR", "EUR"]);
  expect(currency?.value).toBe("INR");
  await user.click(screen.getByRole("button", { name: "Check the file" }));
  expect(await screen.findByText("Dry run: nothing is written.")).toBeTruthy();
  expect(heard.filter(({ method }) => method === "post").map(({ url }) => url)).toEqual(["/admin/imports"]);
});
