import { isProblem, type Problem } from "@noirel/shared/api/problem";
import type { Cart, CheckoutIn, CheckoutOut, Page, Postcode, ShippingMethod } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Button } from "@noirel/shared/ui/button";
import { Choice } from "@noirel/shared/ui/choice";
import { Empty } from "@noirel/shared/ui/empty";
import { ErrorSummary } from "@noirel/shared/ui/error-summary";
import { Field, Select } from "@noirel/shared/ui/field";
import { type FocusEvent, type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { refusal, useBag } from "../../cart/bag";
import { GiftChoice, SampleChoice } from "../../cart/extras";
import { useShop } from "../../layout/shop-context";
import { attempt } from "../../payment/attempt";
import { loadGateway } from "../../payment/gateway";
import { keepOrderToken } from "../../payment/token";
import { pageMeta } from "../../seo/meta";
import { keep, kept } from "../../session/kept";
import { personal, useSession } from "../../session/session";
import { allWrong, BLANK, type Name, STEPS, type Suggested, type Values, withSuggestion, wrong } from "./form";
import { Short, type Shortage, TotalChanged } from "./refused";
import { SummaryBar, SummaryColumn } from "./summary";

const KEPT = "noirel.checkout";
const ASKED: Name[] = [...STEPS.contact, ...STEPS.delivery];

const BLOCKING = new Set(["unavailable", "out_of_stock", "quantity_reduced"]);

export const headers = () => ({ "Cache-Control": "no-store" });
export const meta = () =>
  pageMeta({ title: "Checkout", description: "Where it goes, and when.", canonical: null, origin: "" });

type Refused = { at: "total"; was: Cart; now: Cart } | { at: "stock"; lines: Shortage[] };

export default function CheckoutPage() {
  const shop = useShop();
  const bag = useBag();
  const { status, user } = useSession();
  const navigate = useNavigate();
  const [values, setValues] = useState(BLANK);
  const [errors, setErrors] = useState<Partial<Record<Name, string>>>({});
  const [summary, setSummary] = useState<{ id?: string; message: string }[]>([]);
  const [folded, setFolded] = useState({ contact: false, delivery: false });
  const [second, setSecond] = useState(false);
  const [methods, setMethods] = useState<ShippingMethod[] | null>(null);
  const [stale, setStale] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [notice, setNotice] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const begun = useRef(false);
  const asked = useRef("");
  const suggested = useRef<Suggested>({});

  const country = shop.countries.find(({ code }) => code === values.country) ?? shop.countries[0];
  const { cart } = bag;

  /** Fills state and city from the postcode, where nobody has said them. Without an answer the shopper fills them in. */
  const suggest = async (next: Values) => {
    const code = next.postcode.trim();
    const { send } = await personal();
    const place = await send<Postcode>({
      url: `/postcodes/${next.country}/${encodeURIComponent(code)}`,
    }).catch(() => null);
    if (!place) return;
    const last = suggested.current;
    suggested.current = { region: place.region, city: place.city };
    setValues((now) => {
      if (now.country !== next.country || now.postcode.trim() !== code) return now;
      const filled = withSuggestion(now, last, place);
      keep(KEPT, JSON.stringify(filled), "sessionStorage");
      return filled;
    });
    setErrors((known) => {
      const { region, city, ...rest } = known;
      return { ...rest, ...(!place.region && region && { region }), ...(!place.city && city && { city }) };
    });
  };

  /** Tells the shop where it goes, so that dates, prices and the total are its own. */
  const locate = async (next: Values): Promise<ShippingMethod | null> => {
    if (!cart) return null;
    const place = `${next.country} ${next.postcode.trim()}`;
    asked.current = place;
    setStale(true);
    try {
      await bag.change({ country: next.country, postcode: next.postcode.trim() });
      const { send } = await personal();
      const { results } = await send<Page<ShippingMethod>>({ url: `/carts/${cart.id}/shipping-methods` });
      if (asked.current !== place) return null;
      setMethods(results);
      const chosen =
        results.find(({ code }) => code === cart.shipping_method) ??
        results.toSorted((a, b) => a.price.amount - b.price.amount)[0];
      if (chosen) await bag.change({ shipping_method: chosen.code });
      setNotice(results.length ? "" : "We do not deliver there yet.");
      return chosen ?? null;
    } catch (error) {
      asked.current = "";
      const why = isProblem(error) ? error.field("postcode") : undefined;
      if (why) {
        setErrors((known) => ({ ...known, postcode: why }));
        setMethods(null);
      }
      setNotice(why ?? refusal(error));
      return null;
    } finally {
      setStale(false);
    }
  };

  // What was written before a reload, or by the account, once the browser knows both.
  useEffect(() => {
    if (begun.current || !bag.known || status === "unknown") return;
    begun.current = true;
    const before = kept(KEPT, "sessionStorage");
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
    const here = shop.countries.find(({ code }) => code === start.country);
    setValues(start);
    setSecond(start.line2 !== "");
    setFolded({
      contact: allWrong(start, here, STEPS.contact).length === 0,
      delivery: allWrong(start, here, STEPS.delivery).length === 0,
    });
    if (start.postcode && !wrong("postcode", start, here)) {
      void locate(start);
      if (!start.region) void suggest(start);
    }
  });

  const set = (name: Name, value: string) => {
    const next = { ...values, [name]: value };
    if (name === "country") next.region = "";
    setValues(next);
    keep(KEPT, JSON.stringify(next), "sessionStorage");
    const there = shop.countries.find(({ code }) => code === next.country);
    setErrors((known) => {
      const still = { ...known };
      for (const one of [name, "region"] as const) {
        const message = known[one] && wrong(one, next, there);
        if (message) still[one] = message;
        else delete still[one];
      }
      return still;
    });
    // The summary lists only what is still wrong, and what isn't about one field was about the old values.
    setSummary((known) => {
      const left = known.filter(({ id }) => id && (id !== name || wrong(name, next, there)));
      return left.length < known.length ? left : known;
    });
    if ((name === "postcode" || name === "country") && next.postcode && !wrong("postcode", next, there)) {
      if (asked.current !== `${next.country} ${next.postcode.trim()}`) {
        void locate(next);
        void suggest(next);
      }
    }
    if (allWrong(next, there, STEPS.delivery).length === 0) {
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
      if (!values[name]) return;
      const message = wrong(name, values, country);
      if (message) setErrors((known) => ({ ...known, [name]: message }));
    },
  });

  /** A right contact folds when one goes on to another field; not under a finger that presses a button. */
  const leaveContact = ({ relatedTarget, currentTarget }: FocusEvent<HTMLElement>) => {
    if (!(relatedTarget instanceof HTMLInputElement) || currentTarget.contains(relatedTarget)) return;
    if (allWrong(values, country, STEPS.contact).length === 0) setFolded((known) => ({ ...known, contact: true }));
  };

  const refuse = (list: { id?: string; message: string }[]) => {
    setSummary(list);
    document.title = `Error: ${document.title.replace(/^Error: /, "")}`;
  };

  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (busy || !cart) return;
    const found = allWrong(values, country, ASKED);
    if (found.length > 0) {
      setErrors(Object.fromEntries(found.map(({ name, message }) => [name, message])));
      setFolded({ contact: false, delivery: false });
      refuse(found.map(({ name, message }) => ({ id: name, message })));
      return;
    }
    setSummary([]);
    setRefused(null);
    setBusy(true);
    try {
      if (!cart.shipping_method && !(await locate(values))) {
        refuse([{ id: "postcode", message: "We do not deliver there yet." }]);
        return;
      }
      const fresh = (await bag.reload()) ?? cart;
      // What can't be had changes the total as well; the shop's answer names it.
      const short = fresh.warnings.some(({ code }) => BLOCKING.has(code));
      if (!short && fresh.totals.total.amount !== cart.totals.total.amount && cart.shipping_method) {
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
      ];
      const { send } = await personal();
      const { order, order_token } = await attempt(content, (key) =>
        send<CheckoutOut>({ method: "POST", url: "/checkout", data: body, headers: { "Idempotency-Key": key } }),
      );
      keepOrderToken(order.number, order_token);
      navigate(`/checkout/pay/${order.number}#${order_token}`, { state: { open: true } });
    } catch (error) {
      if (!isProblem(error)) throw error;
      await told(error);
    } finally {
      setBusy(false);
    }
  };

  /** One shortage is seen to; the others stay until they are too. */
  const settled = (sku: string) =>
    setRefused((known) => {
      const lines = known?.at === "stock" ? known.lines.filter((line) => line.sku !== sku) : [];
      return lines.length > 0 ? { at: "stock", lines } : null;
    });

  const told = async (problem: Problem) => {
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
      refuse(list.map(({ name, message }) => (ASKED.includes(name) ? { id: name, message } : { message })));
    } else if (problem.status === 429) {
      const wait = problem.retryAfter;
      refuse([{ message: wait ? `Too many tries. Try again in ${wait} seconds.` : "Too many tries. Wait a minute." }]);
    } else {
      refuse([{ message: refusal(problem) }]);
    }
  };

  if (bag.known && (!cart || cart.lines.length === 0)) {
    return (
      <div className="wrap">
        <Empty title="Nothing yet. The night is long." as="h1">
          <Link to="/perfumes" className="link">
            Choose an hour
          </Link>
        </Empty>
      </div>
    );
  }

  return (
    <div className="desk:grid desk:min-h-[80svh] desk:grid-cols-[minmax(0,1fr)_31rem]">
      <form
        ref={form}
        noValidate
        onSubmit={submit}
        aria-busy={!bag.known || undefined}
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
          <Short
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
                  <button type="button" className="link min-h-6" onClick={() => setSecond(true)}>
                    Add a second line
                  </button>
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
              <p className="text-ink-2">Dates and prices follow from the {country?.postcode_label ?? "postcode"}.</p>
            )}
          </div>
          {methods && (
            <fieldset className="grid gap-2">
              <legend className="sr-only">Delivery method</legend>
              {methods.map(({ code, name, price, promise }) => (
                <Choice
                  key={code}
                  name="method"
                  value={code}
                  checked={cart?.shipping_method === code}
                  onChange={async () => {
                    setStale(true);
                    try {
                      await bag.change({ shipping_method: code });
                    } catch (error) {
                      setNotice(refusal(error));
                    } finally {
                      setStale(false);
                    }
                  }}
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
          <button
            type="button"
            onClick={onChange}
            aria-label={`Change ${name.toLowerCase()}`}
            className="link ms-auto min-h-6 text-sm"
          >
            Change
          </button>
        )}
      </header>
      {fold ? <p className="-mt-2 text-ink-2">{fold}</p> : children}
    </section>
  );
}
