import { useEffect, useRef } from "react";
import type { AdminProduct } from "../../types";
import { Button } from "../../ui/Button";
import type { Clash } from "./merge";

const NAMES: Record<string, string> = {
  published_at: "From",
  unpublish_at: "Until",
  is_listed: "In lists",
  vendor: "Vendor",
  related: "Related products",
  slug: "Address",
  seo_title: "Title for search engines",
  seo_description: "Description for search engines",
  seo_canonical: "Canonical address",
  seo_image: "Picture when shared",
  compare_at: "compare at",
  sku: "SKU",
};

/** Somebody else saved this product while it was being edited: what both changed, side by side. */
export function Clashes({
  clashes,
  product,
  take,
}: {
  clashes: Clash[];
  product: AdminProduct;
  take: (clash: Clash) => void;
}) {
  const here = useRef<HTMLElement>(null);
  useEffect(() => here.current?.focus(), []);
  return (
    <section
      ref={here}
      role="alert"
      tabIndex={-1}
      aria-label="Someone else has changed this product"
      className="mb-4 rounded-panel border border-warning bg-raised p-4"
    >
      <p className="font-medium">Someone else has changed this product.</p>
      <p className="text-ink-2">
        Your edits are still here, on top of theirs, and not saved yet.
        {clashes.length ? " You both changed these: yours are kept unless you take theirs." : ""}
      </p>
      {clashes.length ? (
        <div className="overflow-x-auto pt-3">
          <table className="w-full border-collapse">
            <thead>
              <tr className="text-start text-xs text-ink-3">
                <th scope="col" className="py-1 pe-3 text-start font-normal">
                  Field
                </th>
                <th scope="col" className="py-1 pe-3 text-start font-normal">
                  Yours
                </th>
                <th scope="col" className="py-1 pe-3 text-start font-normal">
                  Theirs
                </th>
                <th scope="col">
                  <span className="sr-only">Choose</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {clashes.map((one) => (
                <tr key={one.path.join("/")} className="border-t border-line align-top">
                  <th scope="row" className="py-2 pe-3 text-start font-normal">
                    {nameOf(one.path, product)}
                  </th>
                  <td className="max-w-60 py-2 pe-3 break-words">{told(one.mine)}</td>
                  <td className="max-w-60 py-2 pe-3 break-words">{told(one.theirs)}</td>
                  <td className="py-1 text-end">
                    <Button aria-label={`Take theirs for ${nameOf(one.path, product)}`} onClick={() => take(one)}>
                      Take theirs
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </section>
  );
}

function nameOf(path: string[], product: AdminProduct): string {
  const [first = "", ...rest] = path;
  const last = rest.at(-1) ?? first;
  const name = NAMES[last] ?? last.replaceAll("_", " ");
  if (first === "variants") {
    return `${product.variants.find(({ sku }) => sku === rest[0])?.title ?? rest[0]}, ${name}`;
  }
  return name.replace(/^./, (letter) => letter.toUpperCase());
}

function told(value: Clash["mine"]): string {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  const text = Array.isArray(value) ? value.join(", ") : value;
  if (!text) return "Nothing";
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
