import { isProblem } from "@noirel/shared/api/problem";
import { type IdempotencyKey, isRefusal, useIdempotencyKeys } from "@noirel/shared/idempotency";
import { formatMoney } from "@noirel/shared/money";
import { useState } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData, useRevalidator, useSearchParams } from "react-router";
import { orders } from "../../api";
import { useKeys } from "../../layout/useKeys";
import { hasPermission } from "../../session/session";
import type { AdminOrder } from "../../types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { errorMessage } from "../../ui/error-message";
import { PageTitle } from "../../ui/Panel";
import { FulfilmentStatus, OrderStatus, PaymentStatus } from "../../ui/Status";
import { useToast } from "../../ui/Toast";
import { instant, when } from "../../ui/time";
import { useTitle } from "../../ui/useTitle";
import { Aside } from "./Aside";
import { nextActions, type OrderAction, type Parcel, primaryAction } from "./actions";
import { Books } from "./Books";
import { DisputeNotice, Disputes } from "./Disputes";
import { CancelForm, CaptureForm, FulfilForm, RevokeLinksForm, ShipForm } from "./dialogs";
import { Items } from "./Items";
import { Payments, Refunds } from "./Money";
import { NoteForm } from "./NoteForm";
import { nameOf, Parcels } from "./Parcels";
import { RefundDialog } from "./RefundDialog";
import { Timeline } from "./Timeline";

/** now: the order as it is. shown: the same, or as it was at the moment in the URL. */
type Data = { now: AdminOrder; shown: AdminOrder; at: string | null; isUnknownMoment: boolean };

export async function loader({ params, request }: LoaderFunctionArgs): Promise<Data> {
  const number = params.number ?? "";
  const at = new URL(request.url).searchParams.get("at");
  const { signal } = request;
  const [now, then] = await Promise.all([
    orders.get(number, { signal }),
    at ? orders.get(number, { at, signal }).catch(nullIfInvalid) : null,
  ]);
  return { now, shown: then ?? now, at: then && at, isUnknownMoment: Boolean(at && !then) };
}

/** A moment in the URL that can't be read is no failure of the order's page. */
function nullIfInvalid(error: unknown): null {
  if (isProblem(error) && error.status === 400) return null;
  throw error;
}

type OpenDialog =
  | "capture"
  | "revoke-links"
  | "fulfil"
  | "fulfil_anyway"
  | "cancel"
  | "refund"
  | `ship ${string}`
  | null;

export function Component() {
  const { now, shown: order, at, isUnknownMoment } = useLoaderData<Data>();
  const reload = useRevalidator();
  const [params] = useSearchParams();
  const say = useToast();
  const [asked, ask] = useState<OpenDialog>(null);
  const [busy, work] = useState(false);
  const keys = useIdempotencyKeys();
  useTitle(order.number);
  const acts: OrderAction[] = at ? [] : nextActions(order, hasPermission);
  const primary = primaryAction(acts);
  const parcel = order.shipments.find(({ id }) => asked === `ship ${id}`) ?? null;

  const deliver = ({ id }: Parcel) =>
    press(["deliver", id], (key) => orders.deliverParcel(id, key), "The parcel is delivered");

  const unpack = ({ id }: Parcel) =>
    press(["unpack", id], (key) => orders.unpackParcel(id, key), "Unpacked. Its units need packing again.");

  function deliverAll(): Promise<void> {
    const [first, ...more] = order.shipments.filter(({ status }) => status === "in_transit");
    if (first && (order.status !== "fulfilled" || !more.length)) return deliver(first);
    return press(["deliver"], (key) => orders.act(order.number, "deliver", {}, key), `${order.number} is delivered`);
  }

  /** What a button on the page does without asking: its answer is a toast. */
  async function press(what: unknown, send: (key: IdempotencyKey) => Promise<unknown>, done: string): Promise<void> {
    work(true);
    try {
      await keys.send(what, send);
      say(done);
      await reload.revalidate();
    } catch (error) {
      say(errorMessage(error));
      // What was refused was perhaps out of date. While the shop can't be reached, the page can't be read either.
      if (isRefusal(error)) await reload.revalidate();
    } finally {
      work(false);
    }
  }

  useKeys({
    f: () => acts.includes("fulfil") && ask("fulfil"),
    r: () => acts.includes("refund") && ask("refund"),
  });

  const waiting = order.shipments.find(({ status }) => status === "packed");
  const present = new URLSearchParams(params);
  present.delete("at");
  const close = () => ask(null);

  return (
    <>
      <nav aria-label="Breadcrumb" className="pt-1 text-ink-3">
        <Link to="/orders" className="inline-flex min-h-6 items-center underline-offset-4 hover:underline">
          Orders
        </Link>
      </nav>
      <PageTitle
        aside={
          <>
            {acts.includes("cancel") ? (
              <Button kind="danger" onClick={() => ask("cancel")}>
                Cancel order
              </Button>
            ) : null}
            {acts.includes("refund") ? <Button onClick={() => ask("refund")}>Refund</Button> : null}
            {acts.includes("fulfil_anyway") ? (
              <Button onClick={() => ask("fulfil_anyway")}>Fulfil despite the dispute</Button>
            ) : null}
            {acts.includes("capture") ? (
              <Button onClick={() => ask("capture")}>Capture {formatMoney(order.totals.total)}</Button>
            ) : null}
            {primary === "ship" && waiting ? (
              <Button kind="primary" onClick={() => ask(`ship ${waiting.id}`)}>
                Ship
              </Button>
            ) : null}
            {primary === "deliver" ? (
              <Button kind="primary" busy={busy} onClick={() => void deliverAll()}>
                Mark delivered
              </Button>
            ) : null}
            {primary === "fulfil" ? (
              <Button kind="primary" onClick={() => ask("fulfil")}>
                Fulfil
                <span
                  aria-hidden="true"
                  className="rounded-[4px] border border-current px-1 font-sans text-xs opacity-70"
                >
                  F
                </span>
              </Button>
            ) : null}
          </>
        }
      >
        <bdi>{order.number}</bdi>
      </PageTitle>
      {isUnknownMoment ? (
        <p role="status" className="mb-4 rounded-panel border border-rule bg-sunk px-4 py-2.5">
          There is no such moment in this order’s history. This is the order as it is now.
        </p>
      ) : null}
      {at ? (
        <p
          role="status"
          className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-1 rounded-panel border border-rule bg-sunk px-4 py-2.5"
        >
          <span>
            As it was on <time dateTime={at}>{instant(at)}</time>. You’re looking at the past: go back to now to act.
          </span>
          <Link to={`?${present}`} replace preventScrollReset className="ms-auto underline underline-offset-4">
            Back to now
          </Link>
        </p>
      ) : null}
      <p className="-mt-2 flex flex-wrap items-center gap-x-5 gap-y-1 pb-4 text-ink-2">
        <OrderStatus value={order.status} />
        <span>
          Payment:{" "}
          <PaymentStatus
            value={order.payment_status}
            dispute={order.dispute_status}
            refunding={order.is_refund_pending}
          />
        </span>
        <span>
          Fulfilment: <FulfilmentStatus value={order.fulfilment_status} order={order.status} />
        </span>
        <time dateTime={order.placed_at}>{when(order.placed_at)}</time>
        {order.capture_by && order.payment.is_set_aside ? (
          <span>Capture by {when(order.capture_by)}</span>
        ) : order.held_until ? (
          <span>Held until {when(order.held_until)}</span>
        ) : null}
      </p>

      <DisputeNotice order={order} />
      <div className="grid items-start gap-4 wide:grid-cols-[minmax(0,1fr)_min(20.5rem,38%)]">
        <div className="grid min-w-0 gap-4">
          <Items order={order} />
          <Parcels
            order={order}
            canAct={!at && hasPermission("orders.edit")}
            busy={busy}
            onTracking={({ id }) => ask(`ship ${id}`)}
            onDeliver={(one) => void deliver(one)}
            onUnpack={(one) => void unpack(one)}
          />
          <Payments order={order} />
          <Disputes order={order} />
          <Refunds order={order} />
          <Timeline events={now.events} at={at}>
            {at ? null : <NoteForm order={order} canWrite={hasPermission("orders.edit")} />}
          </Timeline>
        </div>
        <div className="grid min-w-0 gap-4">
          <Aside order={order} onRevokeLinks={!at && hasPermission("orders.edit") ? () => ask("revoke-links") : null} />
          {hasPermission("orders.refund") ? (
            <Books key={`${order.number} ${order.payment_status}`} order={order} />
          ) : null}
        </div>
      </div>

      <Dialog title={`Capture ${formatMoney(order.totals.total)}?`} open={asked === "capture"} onClose={close}>
        <CaptureForm order={order} onClose={close} />
      </Dialog>
      <Dialog title={`Fulfil ${order.number}`} open={asked === "fulfil" || asked === "fulfil_anyway"} onClose={close}>
        <FulfilForm order={order} onClose={close} despiteDispute={asked === "fulfil_anyway"} />
      </Dialog>
      <Dialog
        title={
          parcel
            ? `${parcel.status === "packed" ? "Ship" : "Change tracking of"} ${nameOf(order, order.shipments.indexOf(parcel)).toLowerCase()}`
            : ""
        }
        open={parcel !== null}
        onClose={close}
      >
        {parcel ? <ShipForm order={order} parcel={parcel} onClose={close} /> : null}
      </Dialog>
      <Dialog title="Revoke all links to this order?" open={asked === "revoke-links"} onClose={close}>
        <RevokeLinksForm order={order} onClose={close} />
      </Dialog>
      <Dialog title={`Cancel ${order.number}?`} open={asked === "cancel"} onClose={close}>
        <CancelForm order={order} onClose={close} />
      </Dialog>
      <Dialog title={`Refund ${order.number}`} open={asked === "refund"} onClose={close}>
        <RefundDialog order={order} onClose={close} />
      </Dialog>
    </>
  );
}
