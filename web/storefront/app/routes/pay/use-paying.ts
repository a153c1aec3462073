import { isProblem } from "@noirel/shared/api/problem";
import type { GatewayPayment, Order } from "@noirel/shared/api/types";
import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { useBag } from "../../cart/bag";
import { useShop } from "../../layout/shop-context";
import { endAttempt } from "../../payment/attempt";
import { failureWords, loadGateway, openGateway, type Paid } from "../../payment/gateway";
import { isSettled, orderCall } from "../../payment/read";

/** Seconds between looks while the bank makes up its mind: 90 in all. */
const LOOKS = [2, 4, 8, 16, 30, 30];
/** The same once the hold is over and the bank is asked a last time: it may take the shop a while to be sure. */
const LAST_LOOKS = [1, 3, 5, 8, 8, 15, 15, 30, 30, 60];

export type Phase =
  | "ready"
  | "opening"
  | "open"
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

export const hasEnded = ({ status }: Order) => status === "expired" || status === "cancelled";

export type Paying = {
  order: Order;
  phase: Phase;
  /** The bank's reason, after a failure. */
  why: string;
  /** Opens the window; again: with a fresh attempt where the last one can't be used. */
  pay: (again: boolean) => Promise<void>;
  /** Lets this order go, and gives the bag back to be changed. */
  change: () => Promise<void>;
};

/** One order on its way to being paid: the window, what the bank says, and the end of the hold. */
export function usePaying(number: string, first: Order): Paying {
  const shop = useShop();
  const { reload } = useBag();
  const navigate = useNavigate();
  const location = useLocation();
  const [order, setOrder] = useState(first);
  const [phase, setPhase] = useState<Phase>(() => phaseOf(first));
  const [why, setWhy] = useState(() => {
    const { failure } = first.payment;
    return failure ? failureWords(failure) : "";
  });
  const failed = useRef(false);
  const gone = useRef(false);
  const begun = useRef(false);

  const ended = hasEnded(order);
  const reviewed = inReview(order);

  /** Where the order truly stands; leaves for the order's page once nothing is left to pay. */
  const settle = (next: Order): boolean => {
    setOrder(next);
    // An order that is over is never answered with again: the same bag may be bought anew.
    if (isSettled(next) || hasEnded(next)) endAttempt();
    if (!isSettled(next)) return false;
    // Whoever has gone on to another page is not called back.
    if (!gone.current) void navigate(`/orders/${number}`, { replace: true });
    return true;
  };

  const paid = async (answer: Paid) => {
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
    setPhase("confirming");
    for (const seconds of LOOKS) {
      await new Promise((wake) => setTimeout(wake, seconds * 1000));
      if (gone.current) return;
      try {
        const next = await orderCall(number);
        if (settle(next) || inReview(next)) return;
      } catch (error) {
        if (!isProblem(error)) throw error;
      }
    }
    setPhase("late");
  };

  /** The hold has run out by this browser's clock. The shop's own decides, after it has asked the bank. */
  const over = async () => {
    for (const seconds of LAST_LOOKS) {
      if (gone.current) return;
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
    setPhase(failed.current ? "failed" : "dismissed");
    try {
      // Shut is not unpaid: UPI and net banking may go on without the window.
      const next = await orderCall(number);
      if (!settle(next) && !next.payment.checkout && phaseOf(next) === "confirming") await watch();
    } catch (error) {
      if (!isProblem(error)) throw error;
    }
  };

  const pay = async (again: boolean) => {
    setPhase("opening");
    failed.current = false;
    try {
      let payment: GatewayPayment | null = order.payment.checkout;
      if (again || !payment) {
        const answer = await orderCall<{ order: Order; payment: GatewayPayment }>(number, "/payment/retry", {});
        if (settle(answer.order)) return;
        payment = answer.payment;
      }
      await loadGateway(shop.gateway.checkout_js);
      const { name, phone } = order.shipping_address;
      openGateway(
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
      setPhase("open");
    } catch (error) {
      setPhase("unreachable");
      if (isProblem(error) && error.status === 409) settle(await orderCall(number));
    }
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: this is what happens on arrival, once.
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    // What was in the bag is in the order now.
    reload().catch(() => undefined);
    const open = (location.state as { open?: boolean } | null)?.open === true;
    // The token leaves the address, and a reload does not open the window again.
    void navigate(`/checkout/pay/${number}`, { replace: true, state: null });
    if (settle(order) || ended || reviewed) return;
    if (phase === "confirming") void watch();
    else if (open) void pay(false);
  }, []);

  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
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
