import { beforeDiscount, formatMoney } from "@noirel/shared/money";
import type { ReactNode } from "react";
import type { AdminOrder } from "../../types";
import { Panel } from "../../ui/Panel";
import { Thumb } from "../../ui/Thumb";
import { unitsBack } from "./actions";

/** What was bought, at the prices it was bought for, and what they add up to. */
export function Items({ order }: { order: AdminOrder }) {
  const back = (line: string) => {
    const units = unitsBack(order, line);
    return units ? `, ${units} refunded` : "";
  };
  return (
    <Panel title="Items">
      <ul>
        {order.lines.map((line) => (
          <li
            key={line.id}
            className="grid grid-cols-[auto_1fr_auto] items-center gap-3 border-t border-line px-4 py-2.5"
          >
            <Thumb picture={line.image} className="w-10" />
            <div>
              <p className="font-medium">
                {line.name} <span className="font-normal text-ink-2">{line.variant_title}</span>
              </p>
              <p className="font-mono text-xs text-ink-3">{line.sku}</p>
              {line.engraving ? <p className="text-xs text-ink-2">Engraved “{line.engraving}”</p> : null}
              <p className="text-xs text-ink-2">
                {line.fulfilled_quantity} of {line.quantity} fulfilled
                {back(line.id)}
              </p>
            </div>
            <div className="text-end">
              <p>{formatMoney(beforeDiscount(line))}</p>
              <p className="text-xs text-ink-3">
                {line.quantity} × {formatMoney(line.unit_price)}
              </p>
            </div>
          </li>
        ))}
      </ul>
      {order.samples.length ? (
        <section aria-labelledby="samples" className="border-t border-line px-4 py-2.5">
          <h3 id="samples" className="pb-1 text-ink-2">
            Free samples
          </h3>
          <ul>
            {order.samples.map((sample) => (
              <li key={sample.sku} className="flex flex-wrap items-baseline gap-x-3">
                1 × {sample.name}
                <span className="font-mono text-xs text-ink-3">{sample.sku}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <dl className="grid gap-1 border-t border-line px-4 py-3">
        <Sum name="Subtotal">{formatMoney(order.totals.subtotal)}</Sum>
        {order.totals.discount.amount ? <Sum name="Discount">−{formatMoney(order.totals.discount)}</Sum> : null}
        <Sum name={order.shipping_method.name}>
          {order.totals.shipping.amount ? formatMoney(order.totals.shipping) : "Free"}
        </Sum>
        <Sum name="Total" strong>
          {formatMoney(order.totals.total)}
        </Sum>
        <Sum name="of which GST">{formatMoney(order.totals.tax)}</Sum>
      </dl>
    </Panel>
  );
}

function Sum({ name, strong = false, children }: { name: string; strong?: boolean; children: ReactNode }) {
  return (
    <div className={`flex justify-between gap-4 ${strong ? "font-medium" : "text-ink-2"}`}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
