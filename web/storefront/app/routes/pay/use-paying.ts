import { isProblem } from "@noirel/shared/api/problem";
import type { GatewayPayment, Order } from "@noirel/shared/api/types";
import { useIdempotencyKeys } from "@noirel/shared/idempotency";
import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { useCart } from "../../cart/cart-context";
import { useShop } from "../../layout/shop-context";
import { endAttempt } from "../../payment/attempt";
import { useExternalChanges } from "../../payment/external-changes";
import { failureWords, loadGateway, openGateway, type Paid } from "../../payment/gateway";
import { hasEnded, isSettled, orderCall } from "../../payment/read";
import { rememberUnpaid } from "../../payment/unpaid-numbers";
import { lockWindow } from "../../payment/window-lock";

/** Seconds between looks while the bank makes up its mind: 90 in all. */
const LOOKS = [2, 4, 8, 16, 30, 30];
/** The same once the hold is over and the bank is asked a last time: it may take the shop a while to be sure. */
const LAST_LOOKS = [1, 3, 5, 8, 8, 15, 15, 30, 30, 60];

export type Phase =
  | "ready"
  | "opening"
  | "open"
  /** The window is open in another tab of this browser. */
  | "elsewhere"
  | "dismissed"
  | "failed"
  | "confirming"
  | "late"
  | "over"
  | "unreachable";

function phaseOf(order: Order): Phase {
  if (order.payment.state === "failed" && order.payment.checkout) return "failed";
  if (order.payment.checkout) return "ready";
  return order.payment.state === "authorized" || order.payment.state === "captured" ? "confirming" : "ready";
}

/** A sum that is not the order's came in, and a person looks at it. */
export const inReview = ({ payment, refunds }: Order) => payment.state === "quarantined" && refunds.length === 0;

export type Paying = {
  order: Order;
  phase: Phase;
  /** The bank's reason, after a failure. */
  why: string;
  /** Opens the window; again: with a fresh attempt where the last one can't be used; takeOver: away from another tab. */
  pay: (again: boolean, how?: { takeOver?: boolean }) => Promise<void>;
  /** Lets this order go, and gives the bag back to be changed. */
  change: () => Promise<void>;
};

/** One order on its way to being paid: the window, what the bank says, and the end of the hold. */
export function usePaying(number: string, first: Order): Paying {
  const shop = useShop();
  const { reload } = useCart();
  const navigate = useNavigate();
  const location = useLocation();
  const [order, setOrder] = useState(first);
  const [phase, setPhase] = useState<Phase>(() => phaseOf(first));
  const [why, setWhy] = useState(() => {
    const { failure } = first.payment;
    return failure ? failureWords(failure) : "";
  });
  const failed = useRef(false);
  const isUnmounted = useRef(false);
  const keys = useIdempotencyKeys(number);
  const hasStarted = useRef(false);
  const watching = useRef(false);
  /** The window that this page opened last; what is reported about an earlier one is out of date. */
  const latest = useRef<symbol | null>(null);
  /** Closes the payment window; null while none is open. */
  const closing = useRef<(() => void) | null>(null);

  const ended = hasEnded(order);
  const reviewed = inReview(order);

  const closeWindow = () => {
    closing.current?.();
    closing.current = null;
  };

  /** Where the order truly stands; leaves for the order's page once nothing is left to pay. */
  const settle = (next: Order): boolean => {
    setOrder(next);
    // An order that is over is never answered with again: the same bag may be bought anew.
    if (isSettled(next) || hasEnded(next)) {
      closeWindow();
      endAttempt();
    }
    if (!isSettled(next)) return false;
    // Whoever has gone on to another page is not called back.
    if (!isUnmounted.current) void navigate(`/orders/${number}`, { replace: true });
    return true;
  };

  const paid = async (answer: Paid) => {
    closeWindow();
    setPhase("confirming");
    try {
      if (!settle(await orderCall(number, "/payment/verify", answer))) await watch();
    } catch (error) {
      if (!isProblem(error)) throw error;
      // The money may well be there: the webhook says so in its own time.
      await watch();
    }
  };

  const watch = async () => {
    if (watching.current) return;
    watching.current = true;
    setPhase("confirming");
    try {
      for (const seconds of LOOKS) {
        await new Promise((wake) => setTimeout(wake, seconds * 1000));
        if (isUnmounted.current) return;
        try {
          const next = await orderCall(number);
          if (settle(next) || hasEnded(next) || inReview(next)) return;
        } catch (error) {
          if (!isProblem(error)) throw error;
        }
      }
      setPhase("late");
    } finally {
      watching.current = false;
    }
  };

  /** Asks again after something happened elsewhere: another tab, the bank, or a while in the background. */
  const refresh = async () => {
    if (isUnmounted.current || !hasStarted.current) return;
    try {
      const next = await orderCall(number);
      if (isUnmounted.current || settle(next) || hasEnded(next) || inReview(next)) return;
      if (phaseOf(next) === "confirming") {
        closeWindow();
        await watch();
      }
    } catch (error) {
      if (!isProblem(error)) throw error;
    }
  };
  useExternalChanges(() => void refresh());

  /** The hold has run out by this browser's clock. The shop's own decides, after it has asked the bank. */
  const over = async () => {
    for (const seconds of LAST_LOOKS) {
      if (isUnmounted.current) return;
      try {
        const next = await orderCall(number);
        if (settle(next)) return;
        if (hasEnded(next)) {
          await reload();
          return;
        }
        if (!next.payment.checkout) setPhase("over");
      } catch (error) {
        if (!isProblem(error)) throw error;
      }
      await new Promise((wake) => setTimeout(wake, seconds * 1000));
    }
  };

  const change = async () => {
    closeWindow();
    setPhase("opening");
    try {
      const next = await orderCall<Order>(number, "/cancel", { reason: "" });
      if (settle(next)) return;
      await reload();
      await navigate("/checkout");
    } catch (error) {
      if (!isProblem(error)) throw error;
      if (!settle(await orderCall(number))) setPhase(phaseOf(order));
    }
  };

  const dismissed = async () => {
    closeWindow();
    setPhase(failed.current ? "failed" : "dismissed");
    try {
      // Shut is not unpaid: UPI and net banking may go on without the window.
      const next = await orderCall(number);
      if (!settle(next) && !next.payment.checkout && phaseOf(next) === "confirming") await watch();
    } catch (error) {
      if (!isProblem(error)) throw error;
    }
  };

  /** What can be paid now; null when nothing can, and the page says why. `fresh`: the order was read a moment ago. */
  const payable = async (again: boolean, fresh: boolean): Promise<GatewayPayment | null> => {
    let current = order;
    if (!fresh) {
      // Another tab, or the bank, may have paid or ended it since.
      current = await orderCall(number);
      if (settle(current) || hasEnded(current) || inReview(current)) return null;
      if (phaseOf(current) === "confirming") {
        await watch();
        return null;
      }
    }
    if (!again && current.payment.checkout) return current.payment.checkout;
    const answer = await keys.send({ number }, (key) =>
      orderCall<{ order: Order; payment: GatewayPayment }>(number, "/payment/retry", {}, key),
    );
    return settle(answer.order) ? null : answer.payment;
  };

  const pay = async (again: boolean, { fresh = false, takeOver = false } = {}) => {
    closeWindow();
    setPhase("opening");
    failed.current = false;
    const attempt = Symbol(number);
    latest.current = attempt;
    let release: (() => void) | null = null;
    try {
      const payment = await payable(again, fresh);
      if (!payment) {
        setPhase((now) => (now === "opening" ? "ready" : now));
        return;
      }
      release = await lockWindow(number, {
        takeOver,
        lost: () => {
          if (latest.current !== attempt || isUnmounted.current) return;
          closeWindow();
          setPhase("elsewhere");
        },
      });
      if (!release) {
        setPhase("elsewhere");
        return;
      }
      await loadGateway(shop.gateway.checkout_js);
      // Back was pressed while the window was on its way.
      if (isUnmounted.current) {
        release();
        return;
      }
      const { name, phone } = order.shipping_address;
      const close = openGateway(
        payment,
        { name, email: order.email, contact: phone },
        {
          paid: (answer) => void paid(answer),
          failed: (failure) => {
            failed.current = true;
            setWhy(failureWords(failure));
          },
          dismissed: () => void dismissed(),
        },
      );
      const unlock = release;
      closing.current = () => {
        close();
        unlock();
      };
      setPhase("open");
    } catch (error) {
      release?.();
      setPhase("unreachable");
      if (isProblem(error) && error.status === 409) settle(await orderCall(number));
    }
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: this is what happens on arrival, once.
  useEffect(() => {
    if (hasStarted.current) return;
    hasStarted.current = true;
    // What was in the bag is in the order now.
    reload().catch(() => undefined);
    const open = (location.state as { open?: boolean } | null)?.open === true;
    // However it was reached: /bag and /checkout lead back to it.
    if (!isSettled(order) && !ended) rememberUnpaid(number);
    // The token leaves the address, and a reload does not open the window again.
    void navigate(`/checkout/pay/${number}`, { replace: true, state: null });
    if (settle(order) || ended || reviewed) return;
    if (phase === "confirming") void watch();
    else if (open) void pay(false, { fresh: true });
  }, []);

  // The window belongs to this page, and goes with it: by Back, by a link, and into the back/forward cache.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `closeWindow` reads a ref.
  useEffect(() => {
    isUnmounted.current = false;
    const hidden = ({ persisted }: PageTransitionEvent) => {
      if (!persisted || !closing.current) return;
      closeWindow();
      setPhase("dismissed");
    };
    window.addEventListener("pagehide", hidden);
    return () => {
      isUnmounted.current = true;
      window.removeEventListener("pagehide", hidden);
      closeWindow();
    };
  }, []);

  const { held_until } = order;
  const mayEnd = !ended && !reviewed && phase !== "confirming" && phase !== "late";
  // biome-ignore lint/correctness/useExhaustiveDependencies: the end of the hold is the trigger.
  useEffect(() => {
    if (!held_until || !mayEnd) return;
    const timer = setTimeout(() => void over(), Math.max(0, Date.parse(held_until) - Date.now()) + 300);
    return () => clearTimeout(timer);
  }, [held_until, mayEnd]);

  return { order, phase, why, pay, change };
}
