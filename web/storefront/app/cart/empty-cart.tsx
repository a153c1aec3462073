import { Empty } from "@noirel/shared/ui/empty";
import { Link } from "react-router";

/** A bag with no pieces in it; `hasUnpaid`: an order that waits for its payment is shown above. */
export function EmptyCart({ hasUnpaid = false, as }: { hasUnpaid?: boolean; as?: "p" | "h1" }) {
  const choose = (
    <Link to="/perfumes" className="link">
      Choose an hour
    </Link>
  );
  if (hasUnpaid) return <p className="mt-6 text-[0.9375rem] text-ink-2">Nothing else is in your bag. {choose}</p>;
  return (
    <Empty title="Nothing yet. The night is long." {...(as && { as })}>
      {choose}
    </Empty>
  );
}
