import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRoutesStub } from "react-router";
import { afterEach, expect, test } from "vitest";
import { serve } from "../../testing/server";
import type { ReviewItem, ReviewQueue } from "../../types";
import { ToastProvider } from "../../ui/Toast";
import { Component, loader } from "./route";

afterEach(cleanup);

const item = (over: Partial<ReviewItem> = {}): ReviewItem => ({
  id: "stray-1",
  kind: "mismatch",
  subject: "pay_1",
  happened: "₹6,550 came in for order NE-1, which asked for ₹7,050. It marked nothing paid.",
  order: "NE-1",
  amount: { amount: 655000, currency: "INR" },
  evidence: [{ name: "Amount", asked: "₹7,050", told: "₹6,550", differs: true }],
  proposed: "refund",
  why: "It is still the buyer’s money.",
  acts: [{ act: "refund", label: "Send ₹6,550 back", says: "₹6,550 goes back, once.", needs_note: false }],
  deadline: new Date(Date.now() + 5 * 3_600_000 + 60_000).toISOString(),
  created_at: "2026-11-23T07:00:00Z",
  ...over,
});

const Stub = createRoutesStub([
  {
    path: "/desk",
    loader,
    HydrateFallback: () => null,
    Component: () => (
      <ToastProvider>
        <Component />
      </ToastProvider>
    ),
  },
]);

function show(
  items: ReviewItem[],
  answer: () => { status?: number; body: unknown } = () => ({ body: { says: "Done." } }),
) {
  let lies = items;
  const heard = serve(({ method }) => {
    if (method === "post") {
      const told = answer();
      if ((told.status ?? 200) < 400) lies = lies.slice(1);
      return told;
    }
    const body: ReviewQueue = {
      results: lies,
      counts: lies.length ? [{ kind: "mismatch", count: lies.length }] : [],
      total: lies.length,
    };
    return { body };
  });
  render(<Stub initialEntries={["/desk"]} />);
  return { user: userEvent.setup(), heard };
}

test("the evidence says what was asked beside what was told, and that they differ", async () => {
  show([item()]);
  const row = within(await screen.findByRole("table")).getByRole("row", { name: /Amount/ });
  expect(
    within(row)
      .getAllByRole("cell")
      .map((cell) => cell.textContent),
  ).toEqual(["₹7,050", "₹6,550differs"]);
  expect(screen.getByText(/^Decide in 5 h, by /, { selector: "article time" })).toBeTruthy();
});

test("a decision is confirmed with its sum, and pressed twice it is sent once", async () => {
  const { user, heard } = show([item(), item({ id: "stray-2", order: "NE-2" })]);
  await user.click(await screen.findByRole("button", { name: "Send ₹6,550 back" }));
  const dialog = screen.getByRole("dialog", { name: "Send ₹6,550 back?" });
  expect(dialog.textContent).toContain("₹6,550 goes back, once.");
  const button = within(dialog).getByRole("button", { name: "Send ₹6,550 back" });
  await user.dblClick(button);
  expect(await screen.findByText("Done.")).toBeTruthy();
  const sent = heard.filter(({ method }) => method === "post");
  expect(sent.map(({ url, body }) => [url, body])).toEqual([
    ["/admin/desk/stray-1/resolve", { act: "refund", note: "" }],
  ]);
  expect(sent[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
  expect(await screen.findByRole("link", { name: "NE-2" })).toBeTruthy();
});

test("what wants a reason is not sent without one", async () => {
  const leave = { act: "dismiss", label: "Leave it", says: "Nothing is sent.", needs_note: true } as const;
  const { user, heard } = show([item({ kind: "refund_failed", acts: [leave], proposed: "dismiss" })]);
  await user.click(await screen.findByRole("button", { name: "Leave it" }));
  const dialog = screen.getByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Leave it" }));
  expect(within(dialog).getByText("Enter a reason; it is kept on record.")).toBeTruthy();
  await user.type(within(dialog).getByLabelText("Reason"), "She took a voucher.");
  await user.click(within(dialog).getByRole("button", { name: "Leave it" }));
  expect(await screen.findByText("No money needs a decision.")).toBeTruthy();
  expect(heard.filter(({ method }) => method === "post").map(({ body }) => body)).toEqual([
    { act: "dismiss", note: "She took a voucher." },
  ]);
});

test("a refusal is said in the dialog and can be tried again with the same key", async () => {
  let tries = 0;
  const { user, heard } = show([item()], () => {
    tries += 1;
    return tries === 1
      ? { status: 503, body: { title: "Away", detail: "The payment service can’t be reached.", status: 503 } }
      : { body: { says: "Done." } };
  });
  await user.click(await screen.findByRole("button", { name: "Send ₹6,550 back" }));
  const dialog = screen.getByRole("dialog");
  const press = () => user.click(within(dialog).getByRole("button", { name: "Send ₹6,550 back" }));
  await press();
  expect(await within(dialog).findByText("The payment service can’t be reached.")).toBeTruthy();
  await press();
  expect(await screen.findByText("No money needs a decision.")).toBeTruthy();
  const keys = heard.filter(({ method }) => method === "post").map(({ key }) => key);
  expect(new Set(keys).size).toBe(1);
});
