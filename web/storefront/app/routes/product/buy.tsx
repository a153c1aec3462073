import { isProblem } from "@noirel/shared/api/problem";
import type { Product, Variant } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Button } from "@noirel/shared/ui/button";
import { Field } from "@noirel/shared/ui/field";
import { hourOf } from "@noirel/shared/ui/plate";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useBag } from "../../cart/bag";
import { useShop } from "../../layout/shop-context";
import { Options } from "./options";

type BuyProps = {
  product: Product;
  chosen: Variant | undefined;
  choose: (name: string, value: string) => void;
  engraving: string;
  onEngrave: (text: string) => void;
};

type State = { at: "rest" | "busy" | "done" } | { at: "refused"; why: string };

/** "in stock", "made to order" or "sold out", in the words of the shop. */
function stockWords({ availability }: Variant): string {
  if (!availability.in_stock) return "sold out";
  return availability.policy === "deny" || (availability.quantity ?? 1) > 0
    ? "in stock"
    : availability.policy === "preorder"
      ? "sent when it arrives"
      : "made to order";
}

export function Buy({ product, chosen, choose, engraving, onEngrave }: BuyProps) {
  const shop = useShop();
  const { add } = useBag();
  const [state, setState] = useState<State>({ at: "rest" });
  const [engraves, setEngraves] = useState(engraving !== "");
  const [covered, setCovered] = useState(false);
  const [said, say] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const first = useRef(chosen?.sku);

  useEffect(() => {
    if (!chosen || first.current === chosen.sku) return;
    first.current = chosen.sku;
    setState({ at: "rest" });
    say([chosen.title, formatMoney(chosen.price), stockWords(chosen)].filter(Boolean).join(", "));
  }, [chosen]);

  // The bar of the phone stands in for the button only while that is out of view.
  useEffect(() => {
    if (!button.current) return;
    const seen = new IntersectionObserver(([entry]) => setCovered(!!entry && !entry.isIntersecting));
    seen.observe(button.current);
    const footer = document.querySelector("footer");
    const near = new IntersectionObserver(([entry]) =>
      document.documentElement.toggleAttribute("data-at-footer", !!entry?.isIntersecting),
    );
    if (footer) near.observe(footer);
    return () => {
      seen.disconnect();
      near.disconnect();
      document.documentElement.removeAttribute("data-at-footer");
    };
  }, []);

  if (!chosen) return null;
  const there = chosen.availability.in_stock;
  const canEngrave = hourOf(product.attributes) !== null && shop.engraving.max > 0 && !/^10\s*ml$/i.test(chosen.title);
  const allowed = new Set(shop.engraving.alphabet);
  const cut = canEngrave && engraves ? engraving.trim() : "";

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (state.at === "busy" || !there) return;
    setState({ at: "busy" });
    try {
      await add({ sku: chosen.sku, quantity: 1, engraving: cut || null });
      setState({ at: "done" });
    } catch (error) {
      setState({
        at: "refused",
        why:
          isProblem(error) && error.detail
            ? error.detail
            : "The shop could not be reached. Your choice is still here; try again.",
      });
    }
  };

  const label = !there ? "Sold out" : state.at === "done" ? "In your bag" : "Add to bag";
  return (
    <form ref={form} method="post" action="/bag" onSubmit={submit}>
      <input type="hidden" name="quantity" value="1" />
      {product.variants.length < 2 && <input type="hidden" name="sku" value={chosen.sku} />}
      <Options product={product} chosen={chosen} choose={choose} />

      {canEngrave && (
        <div className="mt-5 border-y border-line py-4">
          <div className="flex items-center justify-between gap-4 text-[0.9375rem]">
            <span>
              Engrave the glass
              <small className="block text-sm text-ink-3">Up to {shop.engraving.max} characters, no charge</small>
            </span>
            <button
              type="button"
              className="link text-[0.875rem]"
              aria-expanded={engraves}
              onClick={() => {
                if (engraves) onEngrave("");
                setEngraves(!engraves);
              }}
            >
              {engraves ? "No engraving" : "Add initials"}
            </button>
          </div>
          {engraves && (
            <Field
              label="On the glass"
              aside={`${engraving.length} of ${shop.engraving.max}`}
              name="engraving"
              value={engraving}
              maxLength={shop.engraving.max}
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              className="mt-4"
              hint="Engraved glass cannot be returned."
              onChange={({ target }) => {
                const text = [...target.value]
                  .map((letter) => (allowed.has(letter) ? letter : letter.toUpperCase()))
                  .filter((letter) => allowed.has(letter))
                  .join("");
                onEngrave(text.slice(0, shop.engraving.max));
                if (text.length > 0 && text.length % 4 === 0) say(`${text.length} of ${shop.engraving.max} characters`);
              }}
            />
          )}
        </div>
      )}

      <Button
        ref={button}
        type="submit"
        busy={state.at === "busy"}
        disabled={!there}
        className="mt-5 w-full justify-between!"
      >
        <span>{label}</span>
        <span className="numerals">
          {chosen.compare_at && chosen.compare_at.amount > chosen.price.amount && (
            <>
              <span className="sr-only">was </span>
              <s className="me-2 opacity-70">{formatMoney(chosen.compare_at)}</s>
            </>
          )}
          {formatMoney(chosen.price)}
        </span>
      </Button>
      {state.at === "refused" && (
        <p role="alert" className="mt-3 text-sm text-danger">
          {state.why}
        </p>
      )}
      {!there && (
        <p className="mt-3 text-sm text-ink-2">
          This one is gone for now.
          {product.in_stock ? " Another size is here tonight." : " It is made in small batches and comes back."}
        </p>
      )}
      <div aria-live="polite" className="sr-only">
        {said}
      </div>

      {/* The same size and price, within reach of the thumb. */}
      <div data-open={covered || undefined} className="buy-bar" inert={!covered}>
        <span>
          <b className="numerals block text-[0.9375rem] font-medium">{formatMoney(chosen.price)}</b>
          {[product.name, chosen.title].filter(Boolean).join(", ")}
        </span>
        <Button type="submit" size="low" busy={state.at === "busy"} disabled={!there}>
          {label}
        </Button>
      </div>
    </form>
  );
}
