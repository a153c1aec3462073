import { isProblem } from "@noirel/shared/api/problem";
import type { Product, Variant, VariantDrop } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Button, buttonClass } from "@noirel/shared/ui/button";
import { hourOf } from "@noirel/shared/ui/plate";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { useCart } from "../../cart/cart-context";
import { useShop } from "../../layout/shop-context";
import { aheadNow, aheadWords } from "../../parts/ahead";
import { type DropPhase, dropPhase, durationText, momentOf, timeUntil, useNow } from "../../parts/moment";
import { isSoldSeparately, NOT_SOLD_SEPARATELY } from "../../parts/purchasable";
import { useZones } from "../../parts/zones";
import { Engrave } from "./engrave";
import { engravingError, readEngraving } from "./engraving";
import { Options } from "./options";

type BuyProps = {
  product: Product;
  /** When the page was made: what a launch says about its time begins there. */
  served: string;
  chosen: Variant | undefined;
  choose: (name: string, value: string) => void;
  engraving: string;
  onEngrave: (text: string) => void;
};

type State = { at: "rest" | "busy" | "done" } | { at: "refused"; why: string };

/** "in stock", "sold out", "not sold on its own", or when what is sold ahead leaves. */
function stockWords(variant: Variant, zone: string, now: number): string {
  const { availability } = variant;
  if (!isSoldSeparately(variant)) return NOT_SOLD_SEPARATELY.toLowerCase();
  if (!availability.in_stock) return "sold out";
  const ahead = aheadNow(availability, zone, now);
  return ahead ? aheadWords(ahead, 1, zone, now) : "in stock";
}

export function Buy({ product, served, chosen, choose, engraving, onEngrave }: BuyProps) {
  const shop = useShop();
  const { add } = useCart();
  const [state, setState] = useState<State>({ at: "rest" });
  const [engraves, setEngraves] = useState(engraving !== "");
  const [covered, setCovered] = useState(false);
  const [said, say] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const engravingField = useRef<HTMLInputElement>(null);
  const first = useRef(chosen?.sku);
  const drop = chosen?.drop ?? null;
  const isSold = chosen !== undefined && isSoldSeparately(chosen);
  const now = useNow(served, drop?.opens_at, drop?.closes_at);
  const zones = useZones();

  useEffect(() => {
    if (!chosen || first.current === chosen.sku) return;
    first.current = chosen.sku;
    setState({ at: "rest" });
    say(
      [chosen.title, isSoldSeparately(chosen) && formatMoney(chosen.price), stockWords(chosen, zones.shop, Date.now())]
        .filter(Boolean)
        .join(", "),
    );
  }, [chosen, zones.shop]);

  // A size that was pressed before hydration is checked in the document and unknown to React.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, after hydration.
  useEffect(() => {
    const sku = form.current && new FormData(form.current).get("sku");
    const pressed = product.variants.find((variant) => variant.sku === sku);
    const [only] = product.options;
    if (only && product.options.length === 1 && pressed && pressed !== chosen)
      choose(only.name, pressed.options[only.name] ?? "");
  }, []);

  // The bar of the phone stands in for the button only while that is out of view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a variant that is not sold on its own has no button to observe.
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
  }, [isSold]);

  if (!chosen) return null;
  const phase = drop && drop.mode === "first_come" ? dropPhase(drop, now) : "open";
  const there = chosen.availability.in_stock && phase === "open";
  const ahead = aheadNow(chosen.availability, zones.shop, now);
  const canEngrave =
    isSold && hourOf(product.attributes) !== null && shop.engraving.max > 0 && !/^10\s*ml$/i.test(chosen.title);
  const engraved = readEngraving(canEngrave && engraves ? engraving : "", shop.engraving);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (state.at === "busy" || !there) return;
    if (engravingError(engraved, shop.engraving)) {
      engravingField.current?.focus();
      return;
    }
    setState({ at: "busy" });
    try {
      await add({ sku: chosen.sku, quantity: 1, engraving: engraved.cut || null });
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

  const label =
    phase === "before"
      ? "Not open yet"
      : phase === "over"
        ? "Closed"
        : !there
          ? "Sold out"
          : state.at === "done"
            ? "In your bag"
            : ahead?.policy === "preorder"
              ? "Pre-order"
              : "Add to bag";
  return (
    <form ref={form} method="post" action="/bag" onSubmit={submit}>
      <input type="hidden" name="quantity" value="1" />
      {product.variants.length < 2 && <input type="hidden" name="sku" value={chosen.sku} />}
      <Options product={product} chosen={chosen} choose={choose} />

      {canEngrave && (
        <Engrave
          limits={shop.engraving}
          open={engraves}
          onOpen={setEngraves}
          text={engraving}
          onText={onEngrave}
          announce={say}
          picture={product.images.find(({ view }) => view === "whole")}
          attributes={product.attributes}
          field={engravingField}
        />
      )}

      {drop && <Launch drop={drop} standing={phase} now={now} under={canEngrave} />}
      {!isSold ? (
        <p className="mt-5 border-y border-line py-4 text-[0.9375rem] text-ink-2">{NOT_SOLD_SEPARATELY}.</p>
      ) : drop?.mode === "lottery" ? (
        <Link to={`/drops/${drop.slug}`} className={`${buttonClass()} mt-5 w-full justify-between!`}>
          <span>Enter the draw</span>
          <span className="numerals">{formatMoney(chosen.price)}</span>
        </Link>
      ) : (
        <Button
          ref={button}
          type="submit"
          busy={state.at === "busy"}
          disabled={!there}
          className="mt-5 w-full flex-wrap justify-between! gap-x-4"
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
      )}
      {state.at === "refused" && (
        <p role="alert" className="mt-3 text-sm text-danger">
          {state.why}
        </p>
      )}
      {ahead && there && (
        <p className="mt-3 text-sm text-ink-2">{aheadWords(ahead, 1, zones.shop, now)}. Paid today.</p>
      )}
      {isSold && !there && !drop && (
        <p className="mt-3 text-sm text-ink-2">
          This one is gone for now.
          {product.in_stock
            ? ` Another ${product.options.length === 1 ? product.options[0]?.label.toLowerCase() : "choice"} is here tonight.`
            : " It is made in small batches and comes back."}
        </p>
      )}
      <div aria-live="polite" className="sr-only">
        {said}
      </div>

      {/* The same size and price, within reach of the thumb. */}
      {isSold && drop?.mode !== "lottery" && (
        <div data-open={covered || undefined} className="buy-bar" inert={!covered}>
          <span className="min-w-0 flex-[1_1_6.5rem]">
            <b className="numerals block text-[0.9375rem] font-medium">{formatMoney(chosen.price)}</b>
            <span className="line-clamp-2 text-balance break-words">
              {/* What has one version is called like it. */}
              {[...new Set([product.name, chosen.title])].filter(Boolean).join(", ")}
            </span>
          </span>
          <Button
            type="submit"
            size="low"
            busy={state.at === "busy"}
            disabled={!there}
            className="shrink-0 whitespace-nowrap"
          >
            {label}
          </Button>
        </div>
      )}
    </form>
  );
}

/** What a launch asks: when, how many, for how long. */
function Launch({
  drop,
  standing,
  now,
  under,
}: {
  drop: VariantDrop;
  standing: DropPhase;
  now: number /** What stands above it ends in a line of its own. */;
  under: boolean;
}) {
  const zones = useZones();
  const each = `${drop.per_person} for each person`;
  const text =
    drop.mode === "lottery"
      ? `Drawn by lot, ${each}.`
      : {
          before: `Opens ${momentOf(drop.opens_at, zones)}, ${timeUntil(drop.opens_at, now)}. ${each}.`,
          open: `${each}, held for ${durationText(drop.hold_seconds)} once you check out.`,
          over: "The launch has closed.",
        }[standing];
  return (
    <p className={`border-b border-line py-4 text-[0.9375rem] text-ink-2 ${under ? "" : "mt-5 border-t"}`}>
      <Link to={`/drops/${drop.slug}`} className="font-medium text-ink underline underline-offset-3">
        {drop.name}
      </Link>
      . {text}
    </p>
  );
}
