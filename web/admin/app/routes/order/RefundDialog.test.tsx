import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { createRoutesStub } from "react-router";
import { afterEach, expect, test } from "vitest";
import { serve } from "../../testing/server";
import type { AdminOrder } from "../../types";
import { Dialog } from "../../ui/Dialog";
import { ToastProvider } from "../../ui/Toast";
import { RefundDialog } from "./RefundDialog";

afterEach(cleanup);

const rupees = (amount: number) => ({ amount: amount * 100, currency: "INR" });
const line = (id: string, name: string) => ({
  id,
  name,
  variant_title: "50 ml",
  quantity: 2,
  total: rupees(2000),
});
const order = {
  number: "NE-1",
  email: "ananya@example.com",
  currency: "INR",
  customer: { name: "Ananya Rao" },
  totals: { total: rupees(4000) },
  refundable: rupees(4000),
  refunds: [],
  fulfilment_status: "fulfilled",
  lines: [line("a", "Velours"), line("b", "Minuit")],
} as unknown as AdminOrder;

type Answer = { status?: number; body: unknown };

function show(answers: Answer[]) {
  const heard = serve(() => answers.shift() ?? { body: {} });
  function Page() {
    const [open, setOpen] = useState(true);
    return (
      <ToastProvider>
        <Dialog title="Refund NE-1" open={open} onClose={() => setOpen(false)}>
          <RefundDialog order={order} onClose={() => setOpen(false)} />
        </Dialog>
      </ToastProvider>
    );
  }
  const Stub = createRoutesStub([{ path: "/", Component: Page }]);
  render(<Stub />);
  return { user: userEvent.setup(), heard, dialog: within(screen.getByRole("dialog")) };
}

const refused = (field: string, message: string): Answer => ({
  status: 400,
  body: { title: "Invalid", code: "invalid", errors: [{ field, code: "invalid", message }] },
});

test("a refusal of one line is shown beside that line, though the lines before it were not sent", async () => {
  const { user, dialog, heard } = show([refused("lines.0.quantity", "Only 1 is left to refund."), { body: {} }]);
  await user.selectOptions(dialog.getByLabelText("Units of Minuit 50 ml"), "2");
  await user.click(dialog.getByRole("button", { name: "Refund ₹2,000 of NE-1" }));
  const units = await dialog.findByRole("combobox", { description: "Only 1 is left to refund." });
  expect(units.getAttribute("aria-label")).toBe("Units of Minuit 50 ml");
  expect(document.activeElement).toBe(units);
  // Another quantity is another request.
  await user.selectOptions(units, "1");
  await user.click(dialog.getByRole("button", { name: "Refund ₹1,000 of NE-1" }));
  expect(await screen.findByText("₹1,000 of ₹4,000 will be refunded")).toBeTruthy();
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(heard[1]?.key).not.toBe(heard[0]?.key);
});

test("an empty field that the shop refuses is named in a sentence, beside it", async () => {
  const { user, dialog } = show([refused("note", "This field may not be blank.")]);
  await user.click(dialog.getByRole("radio", { name: "An amount" }));
  await user.type(dialog.getByLabelText("Amount in INR"), "500");
  await user.click(dialog.getByRole("button", { name: "Refund ₹500 of NE-1" }));
  expect(await dialog.findByRole("textbox", { description: "Internal note is missing." })).toBe(document.activeElement);
});

test("nothing chosen is said beside the field and not sent", async () => {
  const { user, dialog, heard } = show([]);
  const press = () => user.click(dialog.getByRole("button", { name: "Refund NE-1" }));
  await press();
  expect(dialog.getByRole("combobox", { description: "Choose how many units go back." })).toBeTruthy();
  await user.click(dialog.getByRole("radio", { name: "An amount" }));
  expect(dialog.queryByText("Choose how many units go back.")).toBeNull();
  await press();
  expect(dialog.getByRole("textbox", { description: "Enter an amount like 4000." })).toBe(document.activeElement);
  await user.type(dialog.getByLabelText("Amount in INR"), "9000");
  await user.click(dialog.getByRole("button", { name: "Refund ₹9,000 of NE-1" }));
  expect(dialog.getByRole("textbox", { description: "Only ₹4,000 is left to refund." })).toBe(document.activeElement);
  expect(heard).toEqual([]);
});
