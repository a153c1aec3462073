import type { Cart, ShippingMethod } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Button } from "@noirel/shared/ui/button";
import { Choice } from "@noirel/shared/ui/choice";
import { Field, TextArea } from "@noirel/shared/ui/field";
import { type ReactNode, useRef, useState } from "react";
import { useShop } from "../layout/shop-context";
import { personal } from "../session/session";
import { type CartChange, refusalMessage, useCart } from "./cart-context";

function Fold({ title, aside, children }: { title: string; aside?: string; children: ReactNode }) {
  return (
    <details className="group border-b border-line">
      <summary className="flex min-h-14 items-center justify-between gap-4 text-[0.9375rem]">
        {title}
        <span className="text-sm text-ink-3">{aside}</span>
      </summary>
      <div className="grid gap-4 pb-5">{children}</div>
    </details>
  );
}

/**
 * A choice that shows as soon as it is made, and is saved meanwhile: a press builds on the one before it, whose answer may
 * still be on its way. `value` is what the shop knows again once the last one is answered.
 */
function useChoice<T>(known: T) {
  const { change } = useCart();
  const [pending, setPending] = useState<{ value: T } | null>(null);
  const [why, setWhy] = useState("");
  const last = useRef(0);
  const choose = async (value: T, saved: CartChange) => {
    last.current += 1;
    const turn = last.current;
    setPending({ value });
    const refused = await change(saved).then(() => "", refusalMessage);
    if (turn !== last.current) return;
    setPending(null);
    setWhy(refused);
  };
  return { value: pending ? pending.value : known, why, choose };
}

/** Wrap, card, hidden prices: nothing is added unasked. */
export function GiftChoice({ cart }: { cart: Cart }) {
  const { gift } = useShop();
  const [message, setMessage] = useState(cart.gift.message);
  const { value, why, choose } = useChoice(cart.gift);
  const set = (part: Partial<Cart["gift"]>) => choose({ ...value, ...part }, { gift: part });
  return (
    <div className="grid gap-3">
      <Choice
        type="checkbox"
        checked={value.wrap}
        onChange={({ target }) => set({ wrap: target.checked })}
        end={gift.wrap_price.amount === 0 ? "Free" : formatMoney(gift.wrap_price)}
      >
        Wrap it as a gift
      </Choice>
      <TextArea
        label="A card"
        aside={`${message.length} of ${gift.message_max}`}
        maxLength={gift.message_max}
        rows={3}
        value={message}
        onChange={({ target }) => setMessage(target.value)}
        onBlur={() => message !== value.message && set({ message })}
      />
      <Choice
        type="checkbox"
        checked={value.hide_prices}
        onChange={({ target }) => set({ hide_prices: target.checked })}
      >
        Leave the prices out of the parcel
      </Choice>
      {why && (
        <p role="alert" className="text-sm text-danger">
          {why}
        </p>
      )}
    </div>
  );
}

export function SampleChoice({ cart }: { cart: Cart }) {
  const { samples } = useShop();
  const { value: chosen, why, choose: save } = useChoice(cart.samples);
  const choose = (samples: string[]) => save(samples, { samples });
  const full = chosen.length >= samples.max;
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-2 flex w-full justify-between text-sm text-ink-2">
        Two millilitres each, free.
        <span aria-live="polite">
          {samples.max - chosen.length} of {samples.max} left
        </span>
      </legend>
      {samples.items.map(({ sku, name }) => {
        const isChosen = chosen.includes(sku);
        return (
          <Choice
            key={sku}
            type="checkbox"
            checked={isChosen}
            disabled={full && !isChosen}
            onChange={() => choose(isChosen ? chosen.filter((one) => one !== sku) : [...chosen, sku])}
          >
            {name}
          </Choice>
        );
      })}
      {why && (
        <p role="alert" className="text-sm text-danger">
          {why}
        </p>
      )}
    </fieldset>
  );
}

function Estimate({ cart }: { cart: Cart }) {
  const { countries } = useShop();
  const { change } = useCart();
  const country = countries.find(({ code }) => code === (cart.country || "IN")) ?? countries[0];
  const [postcode, setPostcode] = useState(cart.postcode);
  const [methods, setMethods] = useState<ShippingMethod[] | null>(null);
  const [why, setWhy] = useState("");
  if (!country) return null;
  return (
    <form
      method="post"
      onSubmit={async (event) => {
        event.preventDefault();
        try {
          await change({ country: country.code, postcode: postcode.trim() });
          const { send } = await personal();
          const { results } = await send<{ results: ShippingMethod[] }>({ url: `/carts/${cart.id}/shipping-methods` });
          setMethods(results);
          setWhy(results.length ? "" : "We do not deliver there yet.");
        } catch (error) {
          setWhy(refusalMessage(error));
        }
      }}
    >
      <div className="flex items-end gap-3">
        <Field
          label={country.postcode_label}
          value={postcode}
          onChange={({ target }) => setPostcode(target.value)}
          inputMode={country.code === "IN" ? "numeric" : "text"}
          autoComplete="postal-code"
          className="flex-1"
        />
        <Button type="submit" look="plain" size="low">
          Find the date
        </Button>
      </div>
      <div aria-live="polite" className="mt-3 grid gap-1 text-sm">
        {why && <p className="text-danger">{why}</p>}
        {methods?.map(({ code, name, price, promise }) => (
          <p key={code} className="flex justify-between gap-4">
            <span>
              {name}. <span className="text-ink-2">{promise.text}</span>
            </span>
            <span className="numerals">{price.amount === 0 ? "Free" : formatMoney(price)}</span>
          </p>
        ))}
      </div>
    </form>
  );
}

function Note({ cart }: { cart: Cart }) {
  const { change } = useCart();
  const [note, setNote] = useState(cart.note);
  return (
    <TextArea
      label="For the house"
      rows={2}
      maxLength={500}
      value={note}
      onChange={({ target }) => setNote(target.value)}
      onBlur={() => note !== cart.note && change({ note }).catch(() => setNote(cart.note))}
    />
  );
}

export function Extras({ cart }: { cart: Cart }) {
  const { samples } = useShop();
  return (
    <div>
      <Fold title="Gift wrap and a card" aside={cart.gift.wrap ? "Wrapped" : ""}>
        <GiftChoice cart={cart} />
      </Fold>
      {samples.items.length > 0 && (
        <Fold title="Samples" aside={`${cart.samples.length} of ${samples.max}`}>
          <SampleChoice cart={cart} />
        </Fold>
      )}
      <Fold title="When it arrives" aside={cart.postcode}>
        <Estimate cart={cart} />
      </Fold>
      <Fold title="A note" aside={cart.note ? "Written" : ""}>
        <Note cart={cart} />
      </Fold>
    </div>
  );
}
