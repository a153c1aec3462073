import { Prose } from "../../parts/prose";
import { originOf, PUBLIC_PAGE, pageMeta } from "../../seo/meta";
import type { Route } from "./+types/privacy";

export const headers = () => PUBLIC_PAGE;

export function meta({ matches }: Route.MetaArgs) {
  return pageMeta({
    title: "Privacy",
    description: "What we keep, why, and for how long.",
    canonical: "/privacy",
    origin: originOf(matches),
  });
}

export default function Privacy() {
  return (
    <Prose
      title="What we know of you"
      lead="As little as will carry a parcel to your door."
      aside="In force since 23 November 2026"
    >
      <h2>What we keep</h2>
      <p>
        Your name, address, e-mail and telephone number, when you order; what you ordered and when. The courier gets
        what is on the label. Razorpay, who take the payment, get what a payment needs; we never see the number of your
        card.
      </p>
      <h2>What your browser keeps</h2>
      <p>
        The number of your bag, so that it is there when you come back. If you sign in, a cookie that keeps you signed
        in, and one that recognises this device for a year, so that a stranger who guesses at your password does not
        lock you out. If you choose a light in the footer, which one. When you order, a key that opens that order again
        on this device; and until you close the tab, what you have filled in at the checkout. If you enter a draw, a key
        to your entry. Nothing else is set, and nobody else sets anything.
      </p>
      <h2>For how long</h2>
      <p>
        Invoices are kept for eight years, because the law wants them. A bag without an account is deleted once nobody
        has used it for 90 days.
      </p>
      <h2>What you can ask</h2>
      <p>
        For a copy of everything, and for it to be erased. What the books must keep stays in the books, without you in
        it.
      </p>
    </Prose>
  );
}
