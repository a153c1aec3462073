import { isProblem, type Problem } from "@noirel/shared/api/problem";
import type { Cart, CheckoutIn, CheckoutOut, Postcode } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Button, ScriptButton } from "@noirel/shared/ui/button";
import { Choice } from "@noirel/shared/ui/choice";
import { ErrorSummary } from "@noirel/shared/ui/error-summary";
import { Field, Select } from "@noirel/shared/ui/field";
import { type FocusEvent, type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { refusalMessage, useCart } from "../../cart/cart-context";
import { EmptyCart } from "../../cart/empty-cart";
import { GiftChoice, SampleChoice } from "../../cart/extras";
import { useShop } from "../../layout/shop-context";
import { attempt } from "../../payment/attempt";
import { announceChange } from "../../payment/external-changes";
import { loadGateway } from "../../payment/gateway";
import { keepOrderToken } from "../../payment/token";
import { rememberUnpaid } from "../../payment/unpaid-numbers";
import { UnpaidOrders } from "../../payment/unpaid-orders";
import { useUnpaidOrders } from "../../payment/use-unpaid-orders";
import { pageMeta } from "../../seo/meta";
import { personal, useSession } from "../../session/session";
import { readStorage, writeStorage } from "../../session/storage";
import {
  BLANK,
  fieldError,
  formErrors,
  type Name,
  postcodeWord,
  STEPS,
  type Suggested,
  type Values,
  withSuggestion,
} from "./form";
import { type Shortage, ShortageNotice, TotalChanged } from "./refused";
import { SummaryBar, SummaryColumn } from "./summary";
import { type Delivery, type Place, useDestination } from "./use-destination";

const DRAFT_KEY = "noirel.checkout";
const REQUIRED_FIELDS: Name[] = [...STEPS.contact, ...STEPS.delivery];

const BLOCKING = new Set(["unavailable", "out_of_stock", "quantity_reduced"]);

export const headers = () => ({ "Cache-Control": "no-store" });
export const meta = () =>
  pageMeta({ title: "Checkout", description: "Where it goes, and when.", canonical: null, origin: "" });

type PartOfCountry = Pick<Values, "postcode" | "region" | "city">;

const placeOf = ({ country, postcode }: Values): Place => ({ country, postcode });

type Refused = { at: "total"; was: Cart; now: Cart } | { at: "stock"; lines: Shortage[] };

export default function CheckoutPage() {
  const shop = useShop();
  const bag = useCart();
  const { status, user } = useSession();
  const navigate = useNavigate();
  const [values, setValues] = useState(BLANK);
  const [errors, setErrors] = useState<Partial<Record<Name, string>>>({});
  const [summary, setSummary] = useState<{ id?: string; message: string }[]>([]);
  const [folded, setFolded] = useState({ contact: false, delivery: false });
  const [second, setSecond] = useState(false);
  const destination = useDestination();
  const { methods, notice } = destination;
  const orders = useUnpaidOrders();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const hasStarted = useRef(false);
  const isUnmounted = useRef(false);
  const suggested = useRef<Suggested>({});
  /** A suggestion for the field that has the focus, until it is left: a field never changes under somebody's hands. */
  const suggestedLater = useRef<Suggested>({});
  /** The values as last set, ahead of the next render: late answers and quick hands meet these. */
  const latest = useRef(BLANK);
  /** What was filled in for the countries that are not chosen now. */
  const elsewhere = useRef(new Map<string, PartOfCountry>());

  const countryOf = ({ country }: Values) => shop.countries.find(({ code }) => code === country) ?? shop.countries[0];
  const country = countryOf(values);
  const stale = destination.busy;
  const { cart } = bag;

  /** Fills state and city from the postcode, where nobody has said them. Without an answer the shopper fills them in. */
  const suggest = async (next: Values) => {
    const code = next.postcode.trim();
    const { send } = await personal();
    const place = await send<Postcode>({
      url: `/postcodes/${next.country}/${encodeURIComponent(code)}`,
    }).catch(() => null);
    const now = latest.current;
    if (!place || now.country !== next.country || now.postcode.trim() !== code) return;
    const focused = document.activeElement?.id;
    suggestedLater.current = {};
    for (const name of ["region", "city"] as const) {
      if (name === focused) suggestedLater.current = { [name]: place[name] };
      else applySuggestion({ [name]: place[name] });
    }
  };

  const applySuggestion = (place: Suggested) => {
    update(withSuggestion(latest.current, suggested.current, place));
    suggested.current = { ...suggested.current, ...place };
    setErrors((known) => {
      const left = { ...known };
      for (const name of ["region", "city"] as const) if (place[name]) delete left[name];
      return left;
    });
  };

  const update = (next: Values) => {
    latest.current = next;
    setValues(next);
    writeStorage(DRAFT_KEY, JSON.stringify(next), "sessionStorage");
  };

  /** Tells the shop where it goes, so that dates, prices and the total are its own. */
  const locate = (next: Values): Promise<Delivery> =>
    destination.ask(placeOf(next), {
      countryName: countryOf(next)?.name ?? next.country,
      onInvalid: (why) => setErrors((known) => ({ ...known, postcode: why })),
    });

  // What was written before a reload, or by the account, once the browser knows both.
  useEffect(() => {
    if (hasStarted.current || !bag.isLoaded || status === "unknown") return;
    hasStarted.current = true;
    const before = readStorage(DRAFT_KEY, "sessionStorage");
    const start: Values = {
      ...BLANK,
      country: shop.countries[0]?.code ?? "IN",
      ...(user && { email: user.email, name: user.name, phone: user.phone }),
      ...(cart?.postcode && { postcode: cart.postcode }),
      ...(before && (JSON.parse(before) as Partial<Values>)),
    };
    // Typed before this page woke up: the browser's own autofill, a quick hand.
    for (const [name, value] of new FormData(form.current ?? undefined)) {
      if (name in start && value) start[name as Name] = String(value);
    }
    const here = countryOf(start);
    latest.current = start;
    setValues(start);
    setSecond(start.line2 !== "");
    setFolded({
      contact: formErrors(start, here, STEPS.contact).length === 0,
      delivery: formErrors(start, here, STEPS.delivery).length === 0,
    });
    if (start.postcode && !fieldError("postcode", start, here)) {
      void locate(start);
      if (!start.region) void suggest(start);
    } else if (start.country !== (cart?.country || shop.countries[0]?.code)) {
      void locate({ ...start, postcode: "" });
    }
  });

  useEffect(() => {
    isUnmounted.current = false;
    return () => {
      isUnmounted.current = true;
    };
  }, []);

  const set = (name: Name, value: string) => {
    const before = latest.current;
    const next = { ...before, [name]: value };
    if (name === "country" || name === "postcode") suggestedLater.current = {};
    if (name === "country") {
      // Postcode, state and city belong to the country; they come back with it.
      const { postcode, region, city } = before;
      elsewhere.current.set(before.country, { postcode, region, city });
      Object.assign(next, elsewhere.current.get(value) ?? { postcode: "", region: "", city: "" });
      suggested.current = {};
    }
    update(next);
    const there = countryOf(next);
    setErrors((known) => {
      if (name === "country") {
        const { postcode, region, city, ...rest } = known;
        return rest;
      }
      const still = { ...known };
      for (const one of [name, "region"] as const) {
        const message = known[one] && fieldError(one, next, there);
        if (message) still[one] = message;
        else delete still[one];
      }
      return still;
    });
    // The summary lists only what is still wrong, and what isn't about one field was about the old values.
    setSummary((known) => {
      const left = known.filter(({ id }) => id && (id !== name || fieldError(name, next, there)));
      return left.length < known.length ? left : known;
    });
    const hasPostcode = next.postcode !== "" && !fieldError("postcode", next, there);
    // A country is enough for its methods and its total; the dates follow from the postcode.
    if (name === "country" || (name === "postcode" && hasPostcode && !destination.isAskedFor(placeOf(next)))) {
      void locate(hasPostcode ? next : { ...next, postcode: "" });
      if (hasPostcode) void suggest(next);
    }
    if (formErrors(next, there, STEPS.delivery).length === 0) {
      // A failure shows on the payment page, which loads it again.
      loadGateway(shop.gateway.checkout_js).catch(() => undefined);
    }
  };

  const field = (name: Name) => ({
    id: name,
    name,
    value: values[name],
    error: errors[name],
    required: true,
    onChange: ({ target }: { target: { value: string } }) => set(name, target.value),
    onBlur: () => {
      if ((name === "region" || name === "city") && suggestedLater.current[name]) {
        applySuggestion(suggestedLater.current);
        suggestedLater.current = {};
        return;
      }
      if (!values[name]) return;
      const message = fieldError(name, values, country);
      if (message) setErrors((known) => ({ ...known, [name]: message }));
    },
  });

  /** A right contact folds when one goes on to another field; not under a finger that presses a button. */
  const leaveContact = ({ relatedTarget, currentTarget }: FocusEvent<HTMLElement>) => {
    if (!(relatedTarget instanceof HTMLInputElement) || currentTarget.contains(relatedTarget)) return;
    if (formErrors(values, country, STEPS.contact).length === 0) setFolded((known) => ({ ...known, contact: true }));
  };

  const refuse = (list: { id?: string; message: string }[]) => {
    setSummary(list);
    document.title = `Error: ${document.title.replace(/^Error: /, "")}`;
  };

  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (busy || !cart) return;
    const unknownPostcode = destination.whyInvalid(placeOf(values));
    const invalid = REQUIRED_FIELDS.flatMap((name) => {
      const message = fieldError(name, values, country) ?? (name === "postcode" ? unknownPostcode : null);
      return message ? [{ name, message }] : [];
    });
    if (invalid.length > 0) {
      setErrors(Object.fromEntries(invalid.map(({ name, message }) => [name, message])));
      setFolded({ contact: false, delivery: false });
      refuse(invalid.map(({ name, message }) => ({ id: name, message })));
      return;
    }
    setSummary([]);
    setRefused(null);
    setBusy(true);
    let leaving = false;
    try {
      // An answer is still on its way, or the last one was that nothing delivers there: the shop decides now.
      if (destination.busy || !cart.shipping_method || !methods?.length) {
        const { method, why, isAboutPlace } = await locate(values);
        if (!method) {
          setFolded((known) => ({ ...known, delivery: known.delivery && !isAboutPlace }));
          const message = why || "The address has changed. Check how it is delivered, then pay.";
          refuse([isAboutPlace ? { id: "postcode", message } : { message }]);
          return;
        }
      }
      const fresh = (await bag.reload()) ?? cart;
      // What can't be had changes the total as well; the shop's answer names it.
      const short = fresh.warnings.some(({ code }) => BLOCKING.has(code));
      if (!short && fresh.totals.total.amount !== cart.totals.total.amount) {
        setRefused({ at: "total", was: cart, now: fresh });
        return;
      }
      const { email, ...address } = values;
      const body: CheckoutIn = {
        cart: fresh.id,
        email: email.trim(),
        shipping_address: Object.fromEntries(
          Object.entries(address).map(([name, value]) => [name, value.trim()]),
        ) as CheckoutIn["shipping_address"],
        shipping_method: fresh.shipping_method ?? "",
        expected_total: fresh.totals.total,
        ...(fresh.note && { note: fresh.note }),
      };
      const content = [
        body,
        fresh.lines.map(({ sku, quantity, engraving }) => [sku, quantity, engraving]),
        fresh.gift,
        fresh.samples,
        // Emptied into an order and filled again, it is another purchase, whatever became of that order.
        fresh.updated_at,
      ];
      const { send } = await personal();
      const { order, order_token } = await attempt(content, (key) =>
        send<CheckoutOut>({ method: "POST", url: "/checkout", data: body, headers: { "Idempotency-Key": key } }),
      );
      keepOrderToken(order.number, order_token);
      rememberUnpaid(order.number);
      // The pieces left the bag for the order, in every tab.
      announceChange();
      // Whoever has gone on to another page finds the order in the bag.
      if (isUnmounted.current) return;
      leaving = true;
      navigate(`/checkout/pay/${order.number}#${order_token}`, { state: { open: true } });
    } catch (error) {
      if (!isProblem(error)) throw error;
      await showProblem(error);
    } finally {
      // This page stays as it is until the payment page is there.
      if (!leaving) setBusy(false);
    }
  };

  /** One shortage is seen to; the others stay until they are too. */
  const settled = (sku: string) =>
    setRefused((known) => {
      const lines = known?.at === "stock" ? known.lines.filter((line) => line.sku !== sku) : [];
      return lines.length > 0 ? { at: "stock", lines } : null;
    });

  const showProblem = async (problem: Problem) => {
    if (problem.code === "out_of_stock") {
      await bag.reload();
      setRefused({ at: "stock", lines: (problem.extra.lines ?? []) as Shortage[] });
    } else if (problem.code === "total_changed" && cart) {
      const fresh = await bag.reload();
      setRefused({ at: "total", was: cart, now: fresh ?? cart });
    } else if (problem.errors.length > 0) {
      const list = problem.errors.map(({ field, message }) => ({
        name: field.replace(/^shipping_address\./, "") as Name,
        message,
      }));
      setErrors(Object.fromEntries(list.map(({ name, message }) => [name, message])));
      setFolded({ contact: false, delivery: false });
      refuse(list.map(({ name, message }) => (REQUIRED_FIELDS.includes(name) ? { id: name, message } : { message })));
    } else if (problem.status === 429) {
      const wait = problem.retryAfter;
      refuse([{ message: wait ? `Too many tries. Try again in ${wait} seconds.` : "Too many tries. Wait a minute." }]);
    } else {
      refuse([{ message: refusalMessage(problem) }]);
    }
  };

  if (bag.isLoaded && !busy && (!cart || cart.lines.length === 0)) {
    return (
      // Its own key: the form's columns are replaced, not moved, so nothing on the page shifts.
      <div
        key="empty"
        className="wrap max-w-[44rem]! pt-6 pb-section desk:pt-12"
        aria-busy={!orders.isLoaded || undefined}
      >
        {orders.open.length === 0 && <h1 className="sr-only">Checkout</h1>}
        <UnpaidOrders orders={orders} as="h1" />
        {orders.isLoaded && <EmptyCart hasUnpaid={orders.open.length > 0} />}
      </div>
    );
  }

  return (
    <div className="desk:grid desk:min-h-[80svh] desk:grid-cols-[minmax(0,1fr)_31rem]">
      <form
        ref={form}
        noValidate
        // Never a GET: its address would carry what was typed.
        method="post"
        onSubmit={submit}
        aria-busy={!bag.isLoaded || undefined}
        className="w-full max-w-[56rem] justify-self-end px-gutter pb-16 desk:px-[clamp(1.25rem,6vw,7rem)]"
      >
        <h1 className="sr-only">Checkout</h1>
        <noscript>
          <p className="border-s-2 border-warning bg-raised px-5 py-4">
            Paying needs JavaScript: the payment window cannot open without it. Your bag stays as it is.
          </p>
        </noscript>
        {cart ? (
          <SummaryBar cart={cart} stale={stale} />
        ) : (
          <div className="-mx-gutter min-h-14.5 border-y border-line bg-sunk desk:hidden" aria-hidden="true" />
        )}
        <div className="empty:hidden desk:pb-4 max-desk:pt-4">
          <ErrorSummary errors={summary} />
        </div>
        {refused?.at === "total" && <TotalChanged was={refused.was} now={refused.now} accept={() => submit()} />}
        {refused?.at === "stock" && cart && (
          <ShortageNotice
            lines={cart.lines}
            shortages={refused.lines}
            take={(line, available) => {
              bag.setQuantity(line, available);
              settled(line.sku);
            }}
            remove={(line) => {
              bag.remove(line);
              settled(line.sku);
            }}
          />
        )}

        <div className="empty:hidden desk:pb-4 max-desk:pt-4">
          <UnpaidOrders orders={orders} />
        </div>

        <Step
          name="Contact"
          onBlur={leaveContact}
          fold={folded.contact && values.email}
          onChange={() => setFolded((known) => ({ ...known, contact: false }))}
        >
          <Field
            {...field("email")}
            label="E-mail"
            type="email"
            autoComplete="email"
            inputMode="email"
            enterKeyHint="next"
            hint={
              status === "member" ? undefined : (
                <>
                  Checking out as a guest. Have an account?{" "}
                  <Link to="/login?next=/checkout" className="underline underline-offset-3">
                    Sign in
                  </Link>
                </>
              )
            }
          />
        </Step>

        <Step
          name="Delivery"
          fold={
            folded.delivery &&
            [values.name, values.line1, values.line2, `${values.city} ${values.postcode}`].filter(Boolean).join(", ")
          }
          onChange={() => setFolded((known) => ({ ...known, delivery: false }))}
        >
          <div className="grid grid-cols-6 gap-x-3 gap-y-3.5">
            <Field
              {...field("name")}
              label="Full name"
              autoComplete="name"
              className="col-span-6 min-[360px]:col-span-3"
            />
            <Field
              {...field("phone")}
              label="Mobile"
              aside={<span className="max-[430px]:sr-only">for the courier only</span>}
              type="tel"
              inputMode="tel"
              autoComplete="tel"
              className="col-span-6 min-[360px]:col-span-3"
            />
            <Field
              {...field("postcode")}
              label={country?.postcode_label ?? "Postcode"}
              inputMode={values.country === "IN" ? "numeric" : "text"}
              autoComplete="postal-code"
              className="col-span-3 desk:col-span-2"
            />
            <Field
              {...field("city")}
              label="City"
              autoComplete="address-level2"
              className="col-span-3 desk:col-span-2"
            />
            {country && country.regions.length > 0 ? (
              <Select
                {...field("region")}
                label="State"
                autoComplete="address-level1"
                className="col-span-6 desk:col-span-2"
              >
                <option value="">Choose</option>
                {country.regions.map(({ code, name }) => (
                  <option key={code} value={code}>
                    {name}
                  </option>
                ))}
              </Select>
            ) : (
              <Field
                {...field("region")}
                label="Region"
                required={false}
                autoComplete="address-level1"
                className="col-span-6 desk:col-span-2"
              />
            )}
            <Field
              {...field("line1")}
              label="Flat, building, street"
              autoComplete="address-line1"
              className="col-span-6"
              hint={
                !second && (
                  <ScriptButton className="link min-h-6" onClick={() => setSecond(true)}>
                    Add a second line
                  </ScriptButton>
                )
              }
            />
            {second && (
              <Field
                {...field("line2")}
                label="Second line"
                required={false}
                autoComplete="address-line2"
                className="col-span-6"
              />
            )}
            {shop.countries.length > 1 && (
              <details className="col-span-6 text-sm" open={values.country !== shop.countries[0]?.code}>
                <summary className="inline-flex min-h-6 items-center gap-2">
                  <span className="text-ink-2">Delivered in {country?.name}.</span>
                  <span className="link">Another country</span>
                </summary>
                <Select {...field("country")} label="Country" autoComplete="country" className="mt-3">
                  {shop.countries.map(({ code, name }) => (
                    <option key={code} value={code}>
                      {name}
                    </option>
                  ))}
                </Select>
              </details>
            )}
          </div>
        </Step>

        <Step name="Method">
          <div aria-live="polite">
            {notice && <p className="mb-2 text-sm text-danger">{notice}</p>}
            {!methods && !notice && (
              <p className="text-ink-2">
                {stale
                  ? `Looking up delivery to ${country?.name}…`
                  : `Enter the ${postcodeWord(country)} to see dates and prices.`}
              </p>
            )}
          </div>
          {!methods && stale && <div className="mt-3 h-16 bg-plate" aria-hidden="true" />}
          {methods && methods.length > 0 && (
            <fieldset className="grid gap-2">
              <legend className="sr-only">Delivery method</legend>
              {methods.map(({ code, name, price, promise }) => (
                <Choice
                  key={code}
                  name="method"
                  value={code}
                  checked={cart?.shipping_method === code}
                  onChange={() => void destination.choose(code)}
                  detail={promise.text}
                  end={price.amount === 0 ? "Free" : formatMoney(price)}
                >
                  {name}
                </Choice>
              ))}
            </fieldset>
          )}
        </Step>

        <Step name="Gift and samples">
          {cart && (
            <details>
              <summary className="flex min-h-6 flex-wrap gap-x-2 text-ink-2">
                {cart.samples.length > 0
                  ? `${cart.samples.length} of ${shop.samples.max} samples chosen.`
                  : "No samples yet."}{" "}
                <span className="link text-ink">
                  {cart.gift.wrap ? "Change the gift wrap and card" : "Add gift wrap, a card, samples"}
                </span>
              </summary>
              <div className="grid gap-6 pt-4">
                <GiftChoice cart={cart} />
                {shop.samples.items.length > 0 && <SampleChoice cart={cart} />}
              </div>
            </details>
          )}
        </Step>

        <Step name="Payment">
          <p className="text-ink-2">UPI, cards, net banking and wallets, in a secure window by Razorpay.</p>
          <Button type="submit" busy={busy} disabled={!cart} className="mt-5 w-full justify-between!">
            <span>Pay securely</span>
            {cart && <span className={`numerals ${stale ? "opacity-50" : ""}`}>{formatMoney(cart.totals.total)}</span>}
          </Button>
        </Step>
      </form>
      {cart ? <SummaryColumn cart={cart} stale={stale} /> : <div className="bg-sunk max-desk:hidden" />}
    </div>
  );
}

function Step({
  name,
  fold,
  onChange,
  onBlur,
  children,
}: {
  name: string;
  /** One line that stands for the step when it is done. */
  fold?: string | false;
  onChange?: () => void;
  onBlur?: (event: FocusEvent<HTMLElement>) => void;
  children: ReactNode;
}) {
  return (
    <section aria-label={name} onBlur={onBlur} className="border-t border-line pt-5 pb-6 first-of-type:border-t-0">
      <header className="mb-4 flex items-baseline gap-4">
        <h2 className="display text-xl leading-none">{name}</h2>
        {fold && (
          <ScriptButton
            onClick={onChange}
            aria-label={`Change ${name.toLowerCase()}`}
            className="link ms-auto min-h-6 text-sm"
          >
            Change
          </ScriptButton>
        )}
      </header>
      {fold ? <p className="-mt-2 text-ink-2">{fold}</p> : children}
    </section>
  );
}
