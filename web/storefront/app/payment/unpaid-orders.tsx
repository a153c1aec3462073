import { isProblem } from "@noirel/shared/api/problem";
import type { Order } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Button, buttonClass } from "@noirel/shared/ui/button";
import { Plate } from "@noirel/shared/ui/plate";
import { useEffect, useId, useRef, useState } from "react";
import { Link } from "react-router";
import { useNow } from "../parts/moment";
import { useZones } from "../parts/zones";
import { paymentState } from "./payment-state";
import { isSettled } from "./read";
import type { UnpaidOrders as Orders } from "./use-unpaid-orders";

type Heading = "h1" | "h2";

/**
 * The orders that wait for their payment, each with what can be done about it, and a line for each that was paid or ended
 * meanwhile. Renders nothing when there is none.
 */
export function UnpaidOrders({ orders, as = "h2" }: { orders: Orders; as?: Heading }) {
  const [first] = orders.open;
  if (orders.open.length + orders.closed.length === 0) return null;
  return (
    <div className="grid gap-4">
      <div role="status" className="grid gap-2 empty:hidden">
        {orders.closed.map((order) => (
          <Closed key={order.number} order={order} />
        ))}
      </div>
      {orders.open.map((order) => (
        <Unpaid
          key={order.number}
          order={order}
          read={orders.read}
          cancel={orders.cancel}
          as={order === first ? as : "h2"}
        />
      ))}
    </div>
  );
}

function Closed({ order }: { order: Order }) {
  const number = <bdi className="numerals">{order.number}</bdi>;
  return (
    <p className="border-s-2 border-rule bg-raised px-5 py-4 text-[0.9375rem]">
      {isSettled(order) ? (
        <>Order {number} is paid.</>
      ) : order.status === "expired" ? (
        <>Order {number} was not paid in time. What was in it is back in your bag.</>
      ) : (
        <>Order {number} is cancelled. What was in it is back in your bag.</>
      )}{" "}
      <Link to={`/orders/${order.number}`} className="link">
        See the order
      </Link>
    </p>
  );
}

function Unpaid({
  order,
  read,
  cancel,
  as: Title,
}: {
  order: Order;
  read: string;
  cancel: Orders["cancel"];
  as: Heading;
}) {
  const zones = useZones();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  const gone = useRef(false);
  const id = useId();
  const { title, text, payable } = paymentState(order, useNow(read, order.held_until), zones);

  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);

  const letGo = async () => {
    setBusy(true);
    setRefusal("");
    try {
      await cancel(order.number);
    } catch (error) {
      if (!isProblem(error)) throw error;
      if (!gone.current) setRefusal(error.detail || error.title);
    } finally {
      if (!gone.current) setBusy(false);
    }
  };

  return (
    <section aria-labelledby={id} className="@container border border-line bg-raised p-[min(1.5rem,5vw)]">
      <Title id={id} tabIndex={-1} className="display text-2xl">
        {title}
      </Title>
      <p className="mt-2 text-[0.9375rem] text-pretty text-ink-2">{text}</p>
      <ul className="mt-4 grid gap-3">
        {order.lines.map((line) => (
          <li key={line.id} className="grid grid-cols-[3rem_1fr_auto] items-center gap-4 text-[0.9375rem] leading-snug">
            <Plate picture={line.image} attributes={line.attributes} sizes="48px" alt="" />
            <span className="min-w-0 break-words">
              {[line.name, line.variant_title].filter(Boolean).join(" ")}
              {line.engraving && <span className="block text-sm text-ink-2">engraved {line.engraving}</span>}
            </span>
            <span className="numerals text-sm text-ink-2">{line.quantity > 1 && `× ${line.quantity}`}</span>
          </li>
        ))}
      </ul>
      <p className="numerals mt-4 flex flex-wrap justify-between gap-x-4 border-t border-line pt-4 text-[0.9375rem]">
        <span>
          Order <bdi>{order.number}</bdi>
        </span>
        <b className="font-medium">{formatMoney(order.totals.total)}</b>
      </p>
      {refusal && (
        <p role="alert" className="mt-3 text-[0.9375rem] text-danger">
          {refusal}
        </p>
      )}
      <div className="mt-5 flex flex-wrap items-center gap-x-6 gap-y-3">
        {payable ? (
          <Link
            to={`/checkout/pay/${order.number}`}
            state={{ open: true }}
            className={`${buttonClass("primary", "low")} @max-[24rem]:w-full`}
          >
            Resume payment
          </Link>
        ) : (
          <Link to={`/orders/${order.number}`} className="link inline-flex min-h-11 items-center">
            See the order
          </Link>
        )}
        {order.can_cancel && (
          <Button
            look="plain"
            size="low"
            busy={busy}
            aria-label={`Cancel order ${order.number}`}
            className="@max-[24rem]:w-full"
            onClick={letGo}
          >
            Cancel order
          </Button>
        )}
      </div>
    </section>
  );
}
