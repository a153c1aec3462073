import { Link } from "react-router";
import { useOptionalShop } from "../../layout/shop-context";
import { Prose, Question } from "../../parts/prose";
import { originOf, PUBLIC_PAGE, pageMeta } from "../../seo/meta";
import type { Route } from "./+types/help";

export const headers = () => PUBLIC_PAGE;

export function meta({ matches }: Route.MetaArgs) {
  return pageMeta({
    title: "Help",
    description: "Delivery, returns, engraving, payment: answers.",
    canonical: "/help",
    origin: originOf(matches),
  });
}

export default function Help() {
  const shop = useOptionalShop();
  return (
    <Prose title="Help">
      <Question title="When does it arrive?" id="delivery">
        <p>{shop?.shipping_summary} The date is on the page before you pay, and it is a date.</p>
      </Question>
      <Question title="Can I send it back?" id="returns">
        <p>
          {shop ? `Within ${shop.returns_days} days, if the flacon is sealed.` : "Yes, if the flacon is sealed."}{" "}
          Engraved glass stays with you. <Link to="/returns-policy">The whole of it</Link>.
        </p>
      </Question>
      <Question title="What can be engraved?" id="engraving">
        <p>
          {shop ? `Up to ${shop.engraving.max} characters` : "A few characters"} on the glass of the 50 and 100 ml
          flacon, at no charge. You see it on the flacon as you type.
        </p>
      </Question>
      <Question title="How do I pay?" id="payment">
        <p>
          By UPI, card, net banking or wallet, in a secure window by Razorpay. We never see the number of your card.
          Prices include GST.
        </p>
      </Question>
      <Question title="My payment failed. Was I charged?" id="failed">
        <p>
          If the bank said no, nothing was charged, and your order waits for you: open it and try again, on the same
          order. If money left your account and no order came of it, it goes back by itself.
        </p>
      </Question>
      <Question title="Where is my order?" id="order">
        <p>
          Open the link in our e-mail. Lost it? <Link to="/orders/find">Find your order</Link> by its number and your
          e-mail address, and we send you a new one.
        </p>
      </Question>
      <Question title="I can’t sign in. What now?" id="password">
        <p>
          <Link to="/forgot">Ask for a new password</Link>: we send you a link that works for two hours.
        </p>
      </Question>
      <Question title="Do I need an account?" id="account">
        <p>
          No. As a guest you follow your order by the link in the e-mail. With an <Link to="/account">account</Link> you
          find all of them in one place.
        </p>
      </Question>
      <Question title="How do I wear it?">
        <p>Two on the skin, none on the coat. Wait for the second hour before you decide.</p>
      </Question>
    </Prose>
  );
}
