import { index, layout, type RouteConfig, route } from "@react-router/dev/routes";

export default [
  layout("layout/shop.tsx", [
    index("routes/home/route.tsx"),
    route("perfumes", "routes/list/perfumes.tsx"),
    route("c/:category", "routes/list/category.tsx"),
    route("collections/:slug", "routes/list/collection.tsx"),
    route("search", "routes/search/route.tsx"),
    route("search/suggest", "routes/search/suggest.ts"),
    route("p/:slug", "routes/product/route.tsx"),
    route("drops", "routes/drops/route.tsx"),
    route("drops/:slug", "routes/drop/route.tsx"),
    route("journal", "routes/pages/journal.tsx"),
    route("house", "routes/pages/house.tsx"),
    route("help", "routes/pages/help.tsx"),
    route("returns-policy", "routes/pages/returns-policy.tsx"),
    route("privacy", "routes/pages/privacy.tsx"),
    route("bag", "routes/bag/route.tsx"),
    route("orders/find", "routes/find-order/route.tsx"),
    route("orders/:number", "routes/order/route.tsx"),
    route("login", "routes/login/route.tsx"),
    route("register", "routes/register/route.tsx"),
    route("forgot", "routes/forgot/route.tsx"),
    route("reset", "routes/reset/route.tsx"),
    route("verify", "routes/verify/route.tsx"),
    route("account", "routes/account/route.tsx"),
    route("account/orders", "routes/account/route.tsx", { id: "account-orders" }),
    route("account/email", "routes/email/route.tsx"),
    route("account/password", "routes/password/route.tsx"),
    route("*", "routes/missing/route.tsx"),
  ]),
  // Paying has a header of its own: nothing to wander off to.
  layout("layout/quiet.tsx", [
    route("checkout", "routes/checkout/route.tsx"),
    route("checkout/pay/:number", "routes/pay/route.tsx"),
  ]),
  route("theme", "routes/theme/route.ts"),
] satisfies RouteConfig;
