import { isProblem } from "@noirel/shared/api/problem";
import { buttonClass } from "@noirel/shared/ui/button";
import { Link } from "react-router";
import { ErrorPage } from "../layout/error-page";
import { NarrowPage } from "../session/narrow-page";
import { useSession } from "../session/session";

/** What a page about one order shows when the order can't be read: usually its link has no token, or a wrong one. */
export function OrderError({ error, number }: { error: unknown; number: string }) {
  if (!isProblem(error) || error.status !== 404) return <ErrorPage error={error} />;
  return <OrderNotFound number={number} />;
}

function OrderNotFound({ number }: { number: string }) {
  const { status, user } = useSession();
  const query = encodeURIComponent(number);
  return (
    <NarrowPage
      title="Order not found."
      lead={
        <>
          {status === "member" ? (
            <>
              There is no order <bdi className="numerals text-ink">{number}</bdi> in the account of{" "}
              <span className="break-words">{user.email}</span>.
            </>
          ) : (
            <>
              Order <bdi className="numerals text-ink">{number}</bdi> opens with the link in our e-mail, or when you are
              signed in to the account it was placed with.
            </>
          )}{" "}
          Was the link cut off, or is it an old one? We can send you a new one.
        </>
      }
    >
      <title>Order not found · NOIR’EL</title>
      <p className="mt-8 flex flex-wrap items-center gap-x-8 gap-y-4">
        <Link to={`/orders/find?number=${query}`} className={buttonClass()}>
          Send me a new link
        </Link>
        {status === "member" ? (
          <Link to="/account" className="link">
            See all your orders
          </Link>
        ) : (
          <Link to={`/login?next=${encodeURIComponent(`/orders/${query}`)}`} className="link">
            Sign in
          </Link>
        )}
      </p>
    </NarrowPage>
  );
}
