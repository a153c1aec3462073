import type { Picture, Product, ProductCard, Shop, Variant } from "@noirel/shared/api/types";

export const inr = (rupees: number) => ({ amount: rupees * 100, currency: "INR" });

export const PLATE = {
  wall: "oklch(.215 .022 262)",
  wall2: "oklch(.33 .038 258)",
  floor: "oklch(.185 .018 264)",
  lit: "oklch(.52 .045 250)",
  on: "oklch(.955 .01 95)",
  juice: "oklch(.30 .095 264)",
  juice_lit: "oklch(.62 .125 256)",
};

export function picture(id: string, view = "whole"): Picture {
  return {
    id,
    alt: `A flacon, ${id}.`,
    view,
    width: 2160,
    height: 2700,
    ground: "#141a24",
    focal: null,
    renditions: (["avif", "webp", "jpeg"] as const).map((format) => ({
      format,
      width: 640,
      height: 800,
      url: `/media/${id}-640.${format}`,
    })),
  };
}

export function card(over: Partial<ProductCard> = {}): ProductCard {
  return {
    slug: "encre",
    name: "Encre",
    subtitle: "Iris root, birch smoke, printer’s ink",
    category: "woods",
    price_range: { min: inr(4200), max: inr(22900) },
    compare_at: null,
    images: [picture("encre-1"), picture("encre-2", "stopper")],
    badges: ["best_seller"],
    rating: { average: "4.6", count: 128 },
    in_stock: true,
    attributes: { hour: "21:12", plate: PLATE },
    ...over,
  };
}

export function variant(title: string, rupees: number, quantity = 5): Variant {
  return {
    sku: `ENC-${title.replace(/\D/g, "")}`,
    title,
    options: { size: title },
    price: inr(rupees),
    compare_at: null,
    availability: { in_stock: quantity > 0, quantity, policy: "deny", expected_on: null },
    weight_grams: 300,
    barcode: "",
    image: null,
    drop: null,
    attributes: {},
  };
}

export function product(over: Partial<Product> = {}): Product {
  const { category: _category, ...shared } = card();
  return {
    ...shared,
    category: "woods",
    story: "<p>A desk lamp, a window, an unsent letter.</p>",
    vendor: "NOIR'EL",
    options: [{ name: "size", label: "Size", values: ["10 ml", "50 ml", "100 ml"] }],
    variants: [variant("10 ml", 4200), variant("50 ml", 14500), variant("100 ml", 22900, 0)],
    attributes: { ...shared.attributes, notes: { top: ["Bergamot"], heart: ["Iris root"], base: ["Birch smoke"] } },
    attribute_definitions: [],
    breadcrumbs: [{ name: "Woods", slug: "woods" }],
    seo: { title: "", description: "", canonical: "", image: null },
    related: [],
    published_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-11-23T00:00:00Z",
    ...over,
  };
}

export const SHOP: Shop = {
  name: "NOIR'EL",
  time_zone: "Asia/Kolkata",
  currency: "INR",
  currencies: ["INR"],
  countries: [],
  locales: ["en-IN"],
  shipping_summary: "Delivered by Thursday 26 November.",
  free_shipping_over: inr(5000),
  gift: { wrap_price: inr(350), message_max: 200 },
  samples: { max: 2, items: [] },
  engraving: { max: 12, alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ." },
  returns_days: 14,
  gateway: { provider: "razorpay", key_id: "rzp_test_x", checkout_js: "https://gateway.example/v1/checkout.js" },
};
