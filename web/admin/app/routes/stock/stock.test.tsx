import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRoutesStub } from "react-router";
import { afterEach, expect, test } from "vitest";
import type { Stock } from "../../api";
import { type SentRequest, serve } from "../../testing/server";
import { ToastProvider } from "../../ui/Toast";
import { Adjust } from "../inventory/Adjust";
import { Count } from "./Count";
import { TermsForm } from "./TermsForm";

afterEach(cleanup);

const row = {
  sku: "OUD-50",
  product: { name: "Oud", slug: "oud" },
  variant_title: "50 ml",
  on_hand: 1000,
  reserved: 0,
  committed: 0,
  available: 1000,
  tracked: true,
  policy: "preorder",
  expected_on: null,
  etag: '"1"',
} as unknown as Stock;

function show(
  page: React.ReactNode,
  answer: (asked: SentRequest) => { status?: number; body: unknown } = () => ({ body: row }),
) {
  const heard = serve(answer);
  const Stub = createRoutesStub([{ path: "/", Component: () => <ToastProvider>{page}</ToastProvider> }]);
  render(<Stub />);
  return { user: userEvent.setup(), heard };
}

test.each(["1e3", "0x10", "2.0", "-5", "1000001"])(
  "a count typed as %s is refused at its field, and not sent",
  async (typed) => {
    const { user, heard } = show(<Count row={row} />);
    const field = screen.getByLabelText("Units you counted");
    await user.type(field, typed);
    await user.click(screen.getByRole("button", { name: "Enter the count" }));
    expect(field.getAttribute("aria-invalid")).toBe("true");
    await waitFor(() => expect(document.activeElement).toBe(field));
    expect(heard).toHaveLength(0);
  },
);

test("a count far from the books is asked about before it is sent, and can be undone", async () => {
  const { user, heard } = show(<Count row={row} />, ({ url }) => ({
    body: { ...row, on_hand: url.endsWith("count") ? 5 : 1000 },
  }));
  const field = screen.getByLabelText("Units you counted");
  await user.type(field, "5");
  await user.click(screen.getByRole("button", { name: "Enter the count" }));
  expect(screen.getByText("995 fewer than the 1000 that should be here. Press again if that is right.")).toBeTruthy();
  expect(heard).toHaveLength(0);
  await user.click(screen.getByRole("button", { name: "Set it to 5" }));
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(heard).toHaveLength(2));
  expect(heard.map(({ body }) => body)).toEqual([
    { counted: 5, seen: 1000, note: "" },
    { delta: 995, reason: "correction", note: "Undone" },
  ]);
});

test("another number than the one that was asked about is asked about again", async () => {
  const { user, heard } = show(<Count row={row} />);
  const field = screen.getByLabelText("Units you counted");
  await user.type(field, "5");
  await user.click(screen.getByRole("button", { name: "Enter the count" }));
  await user.clear(field);
  await user.type(field, "50");
  await user.click(screen.getByRole("button", { name: "Enter the count" }));
  expect(screen.getByText(/^950 fewer/)).toBeTruthy();
  expect(heard).toHaveLength(0);
});

test.each([
  ["received", "-5"],
  ["received", "1e2"],
  ["damaged", "−5"],
  ["correction", "1e2"],
  ["correction", "0"],
])("a change by %s of %s is refused, and not sent", async (reason, typed) => {
  const { user, heard } = show(<Adjust row={row} onDone={() => undefined} />);
  await user.selectOptions(screen.getByLabelText("Reason"), reason);
  const field = screen.getByRole("textbox", { name: /^(Units|Change)/ });
  await user.type(field, typed);
  await user.click(screen.getByRole("button", { name: "Adjust stock" }));
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(heard).toHaveLength(0);
});

test("a correction may go down, with either minus", async () => {
  const { user, heard } = show(<Adjust row={row} onDone={() => undefined} />);
  await user.selectOptions(screen.getByLabelText("Reason"), "correction");
  await user.type(screen.getByRole("textbox", { name: "Change by" }), "−5");
  await user.click(screen.getByRole("button", { name: "Adjust stock" }));
  await waitFor(() => expect(heard[0]?.body).toEqual({ delta: -5, reason: "correction", note: "" }));
});

test.each([
  ["1990-01-01", "Enter a year from 2000 to 2100."],
  ["9999-01-01", "Enter a year from 2000 to 2100."],
  ["2001-01-01", "Enter today or a later day."],
])("an arrival on %s is refused", async (day, words) => {
  const { user, heard } = show(<TermsForm row={row} />);
  await user.type(screen.getByLabelText("Expected on"), day);
  await user.click(screen.getByRole("button", { name: "Save terms" }));
  expect(screen.getByText(words)).toBeTruthy();
  expect(heard).toHaveLength(0);
});

test("terms that a colleague changed meanwhile are shown beside one's own", async () => {
  const { user } = show(<TermsForm row={row} />, ({ method }) =>
    method === "get"
      ? { body: { ...row, policy: "backorder" } }
      : { status: 412, body: { code: "precondition_failed" } },
  );
  await user.selectOptions(screen.getByLabelText("When it runs out"), "deny");
  await user.click(screen.getByRole("button", { name: "Save terms" }));
  const alert = within(await screen.findByRole("alert"));
  expect(alert.getByText(/Theirs: “Sell it as a backorder”\. Yours: “Show it as sold out”\./)).toBeTruthy();
});
