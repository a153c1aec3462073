import type { GatewayPayment } from "@noirel/shared/api/types";
import { afterEach, expect, test, vi } from "vitest";
import { openGateway, type Paid } from "./gateway";

type Options = { handler: (paid: Paid) => void; modal: { ondismiss: () => void } };
type FailedEvent = { error: { code: string; description: string; reason: string } };

const PAYMENT = { key_id: "rzp", gateway_order_id: "order_1", amount: 1, currency: "INR" } as GatewayPayment;
const WHO = { name: "", email: "", contact: "" };

/** A checkout script that, like the real one, reports a window that is closed by its page as dismissed. */
function opened() {
  const on = { paid: vi.fn(), failed: vi.fn(), dismissed: vi.fn() };
  const close = vi.fn();
  let options = {} as Options;
  let fail = (_: FailedEvent) => {};
  class Checkout {
    constructor(given: Options) {
      options = given;
    }
    on(_: string, listener: (event: FailedEvent) => void) {
      fail = listener;
    }
    open() {}
    close() {
      close();
      options.modal.ondismiss();
    }
  }
  window.Razorpay = Checkout as unknown as NonNullable<typeof window.Razorpay>;
  return { on, close, options: () => options, fail: () => fail, shut: openGateway(PAYMENT, WHO, on) };
}

afterEach(() => {
  delete window.Razorpay;
});

test("a window that its page closes is closed once, and is not a dismissal by the shopper", () => {
  const { on, close, shut } = opened();
  shut();
  shut();
  expect(close).toHaveBeenCalledOnce();
  expect(on.dismissed).not.toHaveBeenCalled();
});

test("after it is closed a failure says nothing, but money that left is still reported", () => {
  const { on, shut, options, fail } = opened();
  shut();
  fail()({ error: { code: "", description: "", reason: "" } });
  expect(on.failed).not.toHaveBeenCalled();
  const paid = { razorpay_payment_id: "pay_1", razorpay_order_id: "order_1", razorpay_signature: "s" };
  options().handler(paid);
  expect(on.paid).toHaveBeenCalledWith(paid);
});

test("a window that the shopper dismissed is not closed again", () => {
  const { on, close, shut, options } = opened();
  options().modal.ondismiss();
  shut();
  expect(on.dismissed).toHaveBeenCalledOnce();
  expect(close).not.toHaveBeenCalled();
});
