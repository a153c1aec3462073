import { formatMoney } from "@noirel/shared/money";
import { useOptionalShop } from "../../layout/shop-context";
import { Prose } from "../../parts/prose";
import { originOf, PUBLIC_PAGE, pageMeta } from "../../seo/meta";
import type { Route } from "./+types/returns-policy";

export const headers = () => PUBLIC_PAGE;

export function meta({ matches }: Route.MetaArgs) {
  return pageMeta({
    title: "Delivery and returns",
    description: "How it reaches you, and how it goes back.",
    canonical: "/returns-policy",
    origin: originOf(matches),
  });
}

export default function ReturnsPolicy() {
  const shop = useOptionalShop();
  const free = shop?.free_shipping_over;
  return (
    <Prose title="Delivery and returns" aside="In force since 23 November 2026">
      <h2>Delivery</h2>
      <p>{shop?.shipping_summary} You see the date and the price for your PIN code before you pay.</p>
      {free && <p>From {formatMoney(free)} standard delivery is free.</p>}
      <h2>Returns</h2>
      <p>
        {shop
          ? `You have ${shop.returns_days} days from the day it arrives.`
          : "You can return it within the days named on your order."}{" "}
        The flacon must be sealed: open perfume cannot be sold to anyone else, and we do not pretend that it can. Try
        the sample first; it comes with every order, so that the flacon can stay closed until you are sure.
      </p>
      <p>Engraved glass cannot be returned, unless it came to you broken or wrong.</p>
      <h2>Broken, or not what you ordered</h2>
      <p>Show us a picture within 48 hours. Another is sent the same day, and you keep the pieces.</p>
      <h2>The money</h2>
      <p>
        It goes back the way it came, in full, within five working days of the parcel reaching us. UPI is usually
        quicker; cards are up to the bank.
      </p>
      <h2>Before it is sent</h2>
      <p>An order that has not left can be cancelled from its page.</p>
    </Prose>
  );
}
