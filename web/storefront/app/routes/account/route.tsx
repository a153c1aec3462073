import { isProblem } from "@noirel/shared/api/problem";
import type { OrderCard, Page, User } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Button } from "@noirel/shared/ui/button";
import { Empty } from "@noirel/shared/ui/empty";
import { Plate } from "@noirel/shared/ui/plate";
import { useState } from "react";
import { Link, redirect, useNavigate, useRevalidator } from "react-router";
import { greeting } from "../../parts/greeting";
import { useZones } from "../../parts/zones";
import { cardWords } from "../../payment/card";
import { day } from "../../payment/dates";
import { useExternalChanges } from "../../payment/external-changes";
import { pageMeta } from "../../seo/meta";
import { onSignedIn, personal, useSession } from "../../session/session";
import type { Route } from "./+types/route";

export const headers = () => ({ "Cache-Control": "no-store" });
export const meta = () => pageMeta({ title: "Account", description: "Your orders.", canonical: null, origin: "" });

export async function clientLoader({ request }: Route.ClientLoaderArgs) {
  await onSignedIn();
  const { send, signedIn } = await personal();
  if (!signedIn()) throw redirect(`/login?next=${encodeURIComponent(new URL(request.url).pathname)}`);
  const [user, orders] = await Promise.all([
    send<User>({ url: "/me" }),
    send<Page<OrderCard>>({ url: "/me/orders", params: { limit: 50 } }),
  ]);
  return { user, orders };
}

export function HydrateFallback() {
  return (
    <div className="wrap min-h-svh pt-6 desk:pt-12" aria-busy="true">
      <h1 className="display text-4xl">Your account</h1>
      <noscript>
        <p className="mt-4">Your account needs JavaScript. Turn it on for this site and reload the page.</p>
      </noscript>
    </div>
  );
}

export default function AccountPage({ loaderData: { user, orders } }: Route.ComponentProps) {
  const { logout, status } = useSession();
  const zones = useZones();
  const navigate = useNavigate();
  const [leaving, setLeaving] = useState(false);
  const [refusal, setRefusal] = useState("");
  const { revalidate } = useRevalidator();
  useExternalChanges(() => {
    if (status === "member") void revalidate();
  });
  return (
    <div className="wrap pt-6 desk:pt-12">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <div>
          <h1 className="display text-4xl">
            {user.name ? `${greeting(new Date().getHours())}, ${user.name.split(" ")[0]}` : "Your account"}
          </h1>
          <p className="mt-3 text-ink-2">{user.email}</p>
        </div>
        <div className="flex flex-wrap items-center gap-x-8 gap-y-3">
          <Link to="/account/email" className="link inline-flex min-h-6 items-center text-sm">
            Change e-mail
          </Link>
          <Link to="/account/password" className="link inline-flex min-h-6 items-center text-sm">
            Change password
          </Link>
          <Button
            look="plain"
            size="low"
            busy={leaving}
            onClick={async () => {
              setLeaving(true);
              setRefusal("");
              try {
                await logout();
                await navigate("/");
              } catch (error) {
                if (!isProblem(error)) throw error;
                setRefusal("You are still signed in: the shop could not be reached. Try again.");
              } finally {
                setLeaving(false);
              }
            }}
          >
            Sign out
          </Button>
        </div>
      </div>
      {refusal && (
        <p role="alert" className="mt-6 border-s-2 border-danger bg-raised px-5 py-4 text-danger">
          {refusal}
        </p>
      )}
      <section aria-labelledby="orders" className="mt-12">
        <h2 id="orders" className="display text-2xl">
          Orders
        </h2>
        {orders.results.length === 0 ? (
          <Empty title="No order yet. The night is long.">
            <Link to="/perfumes" className="link">
              Choose an hour
            </Link>
          </Empty>
        ) : (
          <ul className="mt-4 border-t border-line">
            {orders.results.map((order) => (
              <li
                key={order.number}
                className="relative grid grid-cols-[4.5rem_1fr_auto] gap-4 border-b border-line py-4 text-[0.9375rem]"
              >
                <Plate picture={order.lines[0]?.image} sizes="72px" alt="" />
                <div className="min-w-0">
                  <Link
                    to={`/orders/${order.number}`}
                    className="numerals font-medium after:absolute after:inset-0 after:content-['']"
                  >
                    {order.number}
                  </Link>
                  <p className="text-sm text-ink-2">
                    {order.lines
                      .map(({ name, variant_title }) => [name, variant_title].filter(Boolean).join(" "))
                      .join(", ")}
                  </p>
                  <p className="text-sm text-ink-2">
                    {cardWords(order)}, {day(order.placed_at, zones)}
                  </p>
                </div>
                <span className="numerals">{formatMoney(order.total)}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
