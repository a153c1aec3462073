import { isProblem } from "@noirel/shared/api/problem";
import type { GatewayPayment, Order } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Button } from "@noirel/shared/ui/button";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { useBag } from "../../cart/bag";
import { useShop } from "../../layout/shop-context";
import { endAttempt } from "../../payment/attempt";
import { clock } from "../../payment/dates";
import { failureWords, loadGateway, openGateway, type Paid } from "../../payment/gateway";
import { isPaid, orderCall } from "../../payment/read";
import { keepOrderToken } from "../../payment/token";
import { pageMeta } from "../../seo/meta";
import type { Route } from "./+types/route";

/** Seconds between looks while the bank makes up its mind: 90 in all. */
const LOOKS = [2, 4, 8, 16, 30, 30];

type Phase = "ready" | "opening" | "open" | "dismissed" | "failed" | "confirming" | "late" | "unreachable";

export const headers = () => ({ "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
export const meta = () =>
  pageMeta({ title: "Payment", description: "Paying for your order.", canonical: null, origin: "" });

export async function clientLoader({ params, request }: Route.ClientLoaderArgs) {
  // A redirect of the gateway carries the token in the query, our own page in the fragment.
  const token = window.location.pathname.endsWith(params.number)
    ? window.location.hash.slice(1) || new URL(request.url).searchParams.get("token")
    : new URL(request.url).hash.slice(1);
  if (token) keepOrderToken(params.number, token);
  return { order: await orderCall(params.number) };
}

export function HydrateFallback() {
  return (
    <div className="wrap max-w-[44rem]! py-section" aria-busy="true">
      <h1 className="display text-3xl">Payment</h1>
      <noscript>
        <p className="mt-4">Paying needs JavaScript: the payment window cannot open without it.</p>
      </noscript>
    </div>
  );
}

function phaseOf(order: Order): Phase {
  if (order.payment.state === "failed" && order.payment.checkout) return "failed";
  if (order.payment.checkout) return "ready";
  return ["authorized", "captured", "quarantined"].includes(order.payment.state) ? "confirming" : "ready";
}

export default function PayPage({ loaderData, params: { number } }: Route.ComponentProps) {
  const shop = useShop();
  const { reload } = useBag();
  const navigate = useNavigate();
  const location = useLocation();
  const [order, setOrder] = useState(loaderData.order);
  const [phase, setPhase] = useState<Phase>(() => phaseOf(loaderData.order));
  const [why, setWhy] = useState(() => {
    const { failure } = loaderData.order.payment;
    return failure ? failureWords(failure) : "";
  });
  const heading = useRef<HTMLHeadingElement>(null);
  const failed = useRef(false);
  const begun = useRef(false);

  const expired = order.status === "expired" || order.status === "cancelled";

  /** Where the order truly stands; leaves for the order's page once it is paid. */
  const settle = (next: Order): boolean => {
    setOrder(next);
    if (!isPaid(next)) return false;
    endAttempt();
    void navigate(`/orders/${number}`, { replace: true });
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
      try {
        if (settle(await orderCall(number))) return;
      } catch (error) {
        if (!isProblem(error)) throw error;
      }
    }
    setPhase("late");
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
    if (settle(order) || expired) return;
    if (phase === "confirming") void watch();
    else if (open) void pay(false);
  }, []);

  useEffect(() => {
    if (phase !== "open" && phase !== "opening") heading.current?.focus();
  }, [phase]);

  const held = order.held_until ? `Your flacons are held until ${clock(order.held_until)}.` : "";
  const view = expired
    ? { title: "We let the flacons go.", text: "Nothing was charged. Your bag is as you left it.", act: null }
    : {
        ready: { title: "Ready when you are.", text: `Nothing is charged yet. ${held}`, act: "Resume payment" },
        opening: { title: "Pay securely…", text: "The payment window is on its way.", act: null },
        open: { title: "Continue in the payment window.", text: held, act: "Bring it back" },
        dismissed: { title: "Nothing was charged.", text: held, act: "Resume payment" },
        failed: { title: "The bank said no.", text: `Nothing was charged. ${why} ${held}`, act: "Try again" },
        confirming: {
          title: "We have it, and are confirming with the bank.",
          text: "Safe to close: the confirmation also comes by e-mail.",
          act: null,
        },
        late: {
          title: "The bank is taking its time.",
          text: `We go on asking, and write to ${order.email} as soon as it answers. Safe to close.`,
          act: null,
        },
        unreachable: {
          title: "The payment window did not open.",
          text: `Nothing was charged. ${held}`,
          act: "Try again",
        },
      }[phase];

  return (
    <div className="wrap max-w-[44rem]! py-section">
      <div aria-live="polite" aria-busy={phase === "confirming" || undefined}>
        <h1 ref={heading} tabIndex={-1} className="display text-3xl">
          {view.title}
        </h1>
        <p className="mt-4 text-lg text-ink-2">{view.text}</p>
      </div>
      <dl className="numerals mt-8 grid gap-2 border-y border-line py-4 text-[0.9375rem]">
        <div className="flex justify-between gap-4">
          <dt>Order</dt>
          <dd>
            <bdi>{order.number}</bdi>
          </dd>
        </div>
        <div className="flex justify-between gap-4">
          <dt>Total, tax included</dt>
          <dd className="font-medium">{formatMoney(order.totals.total)}</dd>
        </div>
      </dl>
      <div className="mt-8 flex flex-wrap items-center gap-6">
        {view.act && (
          <Button onClick={() => pay(phase === "failed" || phase === "unreachable")}>
            <span>{view.act}</span>
          </Button>
        )}
        {phase === "failed" && !expired && (
          <button type="button" className="link min-h-6 text-sm" onClick={() => pay(true)}>
            Another way to pay
          </button>
        )}
        {expired && (
          <Link to="/bag" className="link">
            Back to bag
          </Link>
        )}
        {phase === "late" && (
          <Link to={`/orders/${number}`} className="link">
            See the order
          </Link>
        )}
      </div>
    </div>
  );
}
