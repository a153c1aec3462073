import { isProblem } from "@noirel/shared/api/problem";
import type { Cart } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { buttonClass } from "@noirel/shared/ui/button";
import { Empty } from "@noirel/shared/ui/empty";
import { data, Link, redirect } from "react-router";
import { bagCall } from "../../cart/cart.server";
import { useCart } from "../../cart/cart-context";
import { cartCookie, readCartCookie } from "../../cart/cart-id";
import { EmptyCart } from "../../cart/empty-cart";
import { Extras } from "../../cart/extras";
import { Lines, Undo } from "../../cart/lines";
import { deliveryOf, TotalsList } from "../../cart/totals";
import { UnpaidOrders } from "../../payment/unpaid-orders";
import { useUnpaidOrders } from "../../payment/use-unpaid-orders";
import { pageMeta } from "../../seo/meta";
import { formOf, loading, pageStatus } from "../../server/loading.server";
import { isSecure } from "../../server/secure.server";
import type { Route } from "./+types/route";

const PRIVATE = { "Cache-Control": "no-store" };

export const headers = () => PRIVATE;

const REFUSED = {
  stock: "There are not that many left. The bag is as it was.",
  engraving: "That can’t be engraved. Use up to 12 of A to Z, 0 to 9, spaces and . & ' -. The bag is as it was.",
  other: "That could not be put in the bag. It is as it was.",
};

const refusalOf = (reason: string | null) =>
  reason !== null && Object.hasOwn(REFUSED, reason) ? (reason as keyof typeof REFUSED) : null;

export const meta = () =>
  pageMeta({ title: "Your bag", description: "What you have chosen tonight.", canonical: null, origin: "" });

export const loader = loading(async ({ request }: Route.LoaderArgs) => {
  const id = readCartCookie(request.headers.get("Cookie"));
  const refused = refusalOf(new URL(request.url).searchParams.get("refused"));
  let cart: Cart | null = null;
  try {
    if (id) cart = await bagCall(`/carts/${id}`);
  } catch (error) {
    // A member's bag opens only with the session, which the browser has; a bag that is gone is an empty one.
    if (!isProblem(error) || pageStatus(error) >= 500) throw error;
  }
  return data(
    {
      cart,
      // Whoever had a bag may be signed in, or have an order to pay: only the browser can say that there is nothing.
      isEmpty: id === null,
      refused,
    },
    { headers: PRIVATE },
  );
});

/** Adds, changes a quantity and removes by plain forms; with JavaScript the browser's own bag does it. */
export const action = loading(async ({ request }: Route.ActionArgs) => {
  const form = await formOf(request);
  const id = readCartCookie(request.headers.get("Cookie"));
  const gone = form.get("remove");
  const line = form.get("line");
  try {
    if (gone) {
      if (id) await bagCall(`/carts/${id}/lines/${encodeURIComponent(String(gone))}`, { method: "DELETE" });
      return redirect("/bag", 303);
    }
    if (line) {
      const path = `/carts/${id}/lines/${encodeURIComponent(String(line))}`;
      if (id) await bagCall(path, { method: "PATCH", data: { quantity: Number(form.get("quantity")) } });
      return redirect("/bag", 303);
    }
    const engraving = String(form.get("engraving") ?? "").trim();
    const added = {
      sku: String(form.get("sku") ?? ""),
      quantity: Number(form.get("quantity") ?? 1),
      ...(engraving && { engraving }),
    };
    const cart = await put(id, added);
    return redirect("/bag", { status: 303, headers: { "Set-Cookie": cartCookie(cart.id, isSecure()) } });
  } catch (error) {
    if (!isProblem(error)) throw error;
    const reason = error.code === "out_of_stock" ? "stock" : error.field("engraving") ? "engraving" : "other";
    return redirect(`/bag?refused=${reason}`, 303);
  }
});

async function put(id: string | null, line: object): Promise<Cart> {
  try {
    if (id) return await bagCall(`/carts/${id}/lines`, { method: "POST", data: line });
  } catch (error) {
    if (!isProblem(error) || error.status !== 404) throw error;
  }
  return bagCall("/carts", { method: "POST", data: { lines: [line] } });
}

export default function BagPage({ loaderData }: Route.ComponentProps) {
  const bag = useCart();
  const orders = useUnpaidOrders();
  const cart = bag.isLoaded ? bag.cart : loaderData.cart;
  const lines = cart?.lines.filter(({ id }) => !bag.removing.includes(id)) ?? [];
  const stale = bag.removing.length > 0 || Object.keys(bag.pendingQuantities).length > 0;
  const isLoaded = bag.isLoaded ? orders.isLoaded : loaderData.isEmpty;
  return (
    <div className="wrap pt-6 desk:pt-12">
      <h1 className="display text-4xl">Your bag</h1>
      {loaderData.refused && (
        <p role="alert" className="mt-4 border-s-2 border-danger bg-raised px-5 py-4 text-danger">
          {REFUSED[loaderData.refused]}
        </p>
      )}
      <div className="mt-6 max-w-[44rem] empty:hidden">
        <UnpaidOrders orders={orders} />
      </div>
      <Undo />
      {cart && lines.length > 0 ? (
        <div className="mt-6 grid items-start gap-x-gap gap-y-10 desk:grid-cols-12">
          <div className="min-w-0 desk:col-span-7">
            <h2 className="sr-only">Pieces</h2>
            <Lines lines={cart.lines} still={!bag.isLoaded} />
            <noscript>
              <p className="mt-6 border-s-2 border-warning bg-raised px-5 py-4 text-[0.9375rem]">
                Gift wrap, samples, a note and the delivery date need JavaScript, and so does paying. Your bag stays as
                it is.
              </p>
            </noscript>
            {/* There from the beginning, so that nothing moves, and in use once the browser has its bag. */}
            <div inert={!bag.isLoaded}>
              <Extras key={cart.id} cart={cart} />
            </div>
          </div>
          <div className="grid min-w-0 grid-cols-1 gap-5 bg-sunk p-[min(1.5rem,6vw)] desk:col-span-4 desk:col-start-9">
            <TotalsList totals={cart.totals} delivery={deliveryOf(cart)} stale={stale} />
            <Link to="/checkout" className={`${buttonClass()} justify-between!`}>
              <span>Checkout</span>
              <span className={`numerals ${stale ? "opacity-50" : ""}`}>{formatMoney(cart.totals.total)}</span>
            </Link>
          </div>
        </div>
      ) : bag.unreachable && !bag.isLoaded ? (
        <Empty title="Your bag can’t be read at the moment.">
          <a href="/bag" className="link">
            Try again
          </a>
        </Empty>
      ) : isLoaded ? (
        <EmptyCart hasUnpaid={orders.open.length > 0} />
      ) : (
        <BagSkeleton />
      )}
    </div>
  );
}

/** The shape of a bag whose pieces only the browser can read: a member's, or that of an order to be paid. */
function BagSkeleton() {
  return (
    <>
      {/* Without JavaScript nobody is signed in, and nothing can be paid: the bag is empty. */}
      <div className="hidden noscript:block">
        <EmptyCart />
      </div>
      <div aria-busy="true" className="mt-6 grid items-start gap-x-gap gap-y-10 noscript:hidden desk:grid-cols-12">
        <p className="sr-only">Your bag is being read.</p>
        <div className="min-w-0 desk:col-span-7" aria-hidden="true">
          <div className="grid grid-cols-[4.5rem_1fr] gap-4 border-b border-line py-4">
            <div className="aspect-4/5 bg-plate" />
            <div>
              <div className="h-6 w-2/5 bg-plate" />
              <div className="mt-3 h-3 w-1/4 bg-plate" />
              <div className="mt-4 h-11 w-32 bg-plate" />
            </div>
          </div>
        </div>
        <div className="h-64 bg-sunk desk:col-span-4 desk:col-start-9" aria-hidden="true" />
      </div>
    </>
  );
}
