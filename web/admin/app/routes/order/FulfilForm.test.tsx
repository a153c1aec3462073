import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRoutesStub, useLoaderData } from "react-router";
import { afterEach, expect, test } from "vitest";
import { serve } from "../../testing/server";
import type { AdminOrder } from "../../types";
import { ToastProvider } from "../../ui/Toast";
import { FulfilForm } from "./dialogs";

afterEach(cleanup);

const order = (packed: number) =>
  ({
    number: "NE-1",
    samples: [],
    gift: { wrap: false, message: "" },
    shipments: [],
    payment: { is_set_aside: false },
    lines: [
      { id: "a", name: "Oud", variant_title: "50 ml", quantity: 2, cancelled_quantity: 0, fulfilled_quantity: packed },
    ],
  }) as unknown as AdminOrder;

function show(packedMeanwhile: number) {
  serve(() => ({
    status: 409,
    body: { code: "invalid_state", title: "There are not that many units left to pack." },
  }));
  const reads = [order(0), order(packedMeanwhile)];
  function Page() {
    return <FulfilForm order={useLoaderData<AdminOrder>()} onClose={() => undefined} />;
  }
  const Stub = createRoutesStub([
    {
      path: "/",
      loader: () => reads.shift() ?? order(packedMeanwhile),
      HydrateFallback: () => null,
      Component: () => (
        <ToastProvider>
          <Page />
        </ToastProvider>
      ),
    },
  ]);
  render(<Stub />);
}

test("when a colleague has packed everything the dialog says so, and there is only the way back", async () => {
  show(2);
  await userEvent.click(await screen.findByRole("button", { name: "Pack 2 units" }));
  expect(await screen.findByText(/^Everything has been packed\./)).toBeTruthy();
  expect(screen.getAllByRole("button").map(({ textContent }) => textContent)).toEqual(["Back"]);
});

test("when a colleague has packed some, what is chosen is no more than what is left", async () => {
  show(1);
  await userEvent.click(await screen.findByRole("button", { name: "Pack 2 units" }));
  expect(await screen.findByRole("button", { name: /^Pack 1 unit/ })).toBeTruthy();
  expect(screen.getByRole("alert").textContent).toBe("There are not that many units left to pack.");
});
