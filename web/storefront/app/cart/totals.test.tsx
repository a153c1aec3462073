import type { Totals } from "@noirel/shared/api/types";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { type Delivery, deliveryOf, TotalsList } from "./totals";

afterEach(cleanup);

const paise = (amount: number) => ({ amount, currency: "INR" });

/** The amounts on screen in minor units: "−₹1,250.50" is -125050, "Free" is 0. */
function amounts(): number[] {
  return screen.getAllByRole("definition").map((row) => {
    const text = row.textContent ?? "";
    const figures = Math.round(Number(text.replace(/[^0-9.]/g, "") || 0) * 100);
    return text.startsWith("−") ? -figures : figures;
  });
}

function show(subtotal: number, discount: number, shipping: number, delivery: Delivery) {
  const total = subtotal - discount + shipping;
  const totals: Totals = {
    subtotal: paise(subtotal),
    discount: paise(discount),
    shipping: paise(shipping),
    tax: paise(0),
    total: paise(total),
  };
  render(<TotalsList totals={totals} delivery={delivery} />);
  return total;
}

test("whatever a total is made of has a line, so that the lines add up to it", () => {
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let round = 0; round < 60; round++) {
    const subtotal = 1 + next(5_000_000);
    const total = show(
      subtotal,
      next(2) * next(subtotal),
      next(3) * next(90_000),
      (["chosen", "estimated"] as const)[next(2)] ?? "chosen",
    );
    const shown = amounts();
    expect(shown.at(-1)).toBe(total);
    expect(shown.slice(0, -1).reduce((sum, amount) => sum + amount, 0)).toBe(total);
    cleanup();
  }
});

test("a delivery charge nobody has chosen yet is there, and is called an estimate", () => {
  show(420_000, 0, 25_000, deliveryOf({ shipping_method: null, is_deliverable: true }));
  expect(screen.getByText("Delivery, estimated").nextSibling).toHaveTextContent("₹250");
});

test("where nothing delivers, delivery is not free", () => {
  show(420_000, 0, 0, deliveryOf({ shipping_method: null, is_deliverable: false }));
  expect(screen.getByText("Delivery").nextSibling).toHaveTextContent("Not available there");
});
