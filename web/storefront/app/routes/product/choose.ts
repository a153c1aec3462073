import type { Product, Variant } from "@noirel/shared/api/types";
import { hourOf } from "@noirel/shared/ui/plate";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

/** A choice as the address has it: "50 ml" is `50ml`. */
export function inUrl(value: string): string {
  return value.toLowerCase().replace(/\s+/g, "");
}

/** How much of what the address asks for a variant has; of those that have as much, one that is in stock is liked better. */
function fits(variant: Variant, params: URLSearchParams, names: string[]): number {
  const same = names.filter((name) => inUrl(variant.options[name] ?? "") === params.get(name)).length;
  return same > 0 && variant.availability.in_stock ? same + 0.5 : same;
}

/** What is chosen when nobody has: the middle size of a perfume, else the first; one that is in stock if any is. */
export function usual(product: Pick<Product, "variants" | "attributes">): Variant | undefined {
  const { variants } = product;
  const liked = hourOf(product.attributes) ? variants[Math.floor((variants.length - 1) / 2)] : variants[0];
  return liked?.availability.in_stock ? liked : (variants.find(({ availability }) => availability.in_stock) ?? liked);
}

/**
 * The chosen variant lives in the address (`?size=50ml`), replaced and never pushed: back leaves the product.
 * It shows at once, before the router has written it there. Any value can be reached from any other: where the whole
 * combination does not exist, the nearest that has the new value is taken.
 */
export function useVariantInUrl(product: Product): [Variant | undefined, (name: string, value: string) => void] {
  const [params, setParams] = useSearchParams();
  const [pressed, press] = useState<{ sku: string; at: string } | null>(null);
  const at = params.toString();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address is the trigger.
  useEffect(() => press(null), [at]);
  const names = product.options.map(({ name }) => name);
  const requested = names.filter((name) => params.has(name));
  const chosen =
    requested.length > 0
      ? product.variants.reduce<Variant | undefined>(
          (best, variant) => (fits(variant, params, names) > (best ? fits(best, params, names) : 0) ? variant : best),
          undefined,
        )
      : undefined;
  const variant =
    (pressed?.at === at ? product.variants.find(({ sku }) => sku === pressed.sku) : chosen) ?? usual(product);

  const choose = (name: string, value: string) => {
    const near = product.variants
      .filter(({ options }) => options[name] === value)
      .map((candidate) => ({
        candidate,
        same: names.filter((other) => candidate.options[other] === variant?.options[other]).length,
      }))
      .sort((a, b) => b.same - a.same)[0]?.candidate;
    if (!near || near === variant) return;
    press({ sku: near.sku, at });
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const each of names) next.set(each, inUrl(near.options[each] ?? ""));
        return next;
      },
      { replace: true, preventScrollReset: true },
    );
  };
  return [variant, choose];
}
