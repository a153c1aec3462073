/** The words of the API, as the pages use them: names for what `schema.d.ts`, made from openapi.yaml, says. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Page<T> = { results: T[]; next: string | null; total: number };
export type Money = Schemas["Money"];
export type Rendition = Schemas["Rendition"];
export type Picture = Schemas["Picture"];
export type Rating = Schemas["Rating"];
export type Badge = Schemas["BadgesEnum"];
export type ProductCard = Schemas["ProductCard"];
export type Attributes = Record<string, unknown>;
export type FacetValue = Schemas["FacetValue"];
export type Facet = Schemas["Facet"];
export type ProductList = Schemas["ProductList"];
export type Availability = Schemas["Availability"];
export type Ahead = Schemas["Ahead"];
export type Variant = Schemas["Variant"];
export type ProductOption = Schemas["Option"];
export type AttributeDefinition = Schemas["AttributeDefinition"];
export type Breadcrumb = Schemas["Breadcrumb"];
export type Seo = Schemas["Seo"];
export type Product = Schemas["Product"];
/** The schema writes a tree of categories two levels deep; it is as deep as the shop makes it. */
export type Category = Omit<Schemas["Category"], "children"> & { children: Category[] };
export type Collection = Schemas["Collection"];
export type Suggestions = Schemas["Suggestions"];
export type Postcode = Schemas["Postcode"];
export type Region = Schemas["CountryRegion"];
export type Country = Schemas["Country"];
export type Sample = Schemas["SampleItem"];
export type Shop = Schemas["Shop"];
export type CartLine = Schemas["CartLine"];
export type Totals = Schemas["Totals"];
export type CartWarning = Schemas["CartWarning"];
export type Gift = Schemas["Gift"];
export type Cart = Schemas["Cart"];
export type DeliveryPromise = Schemas["DeliveryPromise"];
export type ShippingMethod = Schemas["ShippingMethod"];
export type Address = Schemas["Address"];
export type CheckoutIn = Schemas["CheckoutIn"];
export type GatewayPayment = Schemas["GatewayPayment"];
export type OrderStatus = Schemas["OrderStatus"];
export type PaymentStatus = Schemas["PaymentStatus"];
export type FulfilmentStatus = Schemas["FulfilmentStatus"];
export type OrderLine = Schemas["OrderLine"];
export type TimelineEntry = Schemas["TimelineEntry"];
export type Shipment = Schemas["Shipment"];
export type Refund = Schemas["Refund"];
export type OrderPayment = Schemas["OrderPayment"];
export type Order = Schemas["Order"];
export type CheckoutOut = Schemas["Checkout"];
export type PaymentRetry = Schemas["PaymentRetry"];
export type OrderCard = Schemas["OrderCard"];
export type Drop = Schemas["Drop"];
export type VariantDrop = Schemas["VariantDrop"];
export type Draw = Schemas["Draw"];
export type Entry = Schemas["Entry"];
export type User = Schemas["User"];
export type Session = Schemas["Session"];

/** What an anonymous page may read. */
export type Reads = {
  "/shop": Shop;
  "/categories": Page<Category>;
  "/categories/{slug}": Schemas["CategoryDetail"];
  "/collections": Schemas["CollectionPage"];
  "/collections/{slug}": Collection;
  "/products": ProductList;
  "/products/{slug}": Product;
  "/search/suggest": Suggestions;
  "/drops": Page<Drop>;
  "/drops/{slug}": Drop;
  "/drops/{slug}/draw": Draw;
};
