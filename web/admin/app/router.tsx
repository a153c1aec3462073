import { createBrowserRouter, type LoaderFunctionArgs, redirect } from "react-router";
import { canOpen, landingFor } from "./layout/navigation";
import { StaffShell } from "./layout/Shell";
import { RouteProblem } from "./routes/errors/RouteProblem";
import { currentUser, resume } from "./session/session";
import { isShopLoaded } from "./session/shop";

/** Staff only. A stranger is sent to sign in, and comes back to the page that was asked for. */
async function staffOnly({ request }: LoaderFunctionArgs) {
  const user = await resume();
  if (user?.is_staff) return isShopLoaded();
  const { pathname, search } = new URL(request.url);
  const wanted = pathname.replace(/^\/admin/, "") + search;
  throw redirect(wanted && wanted !== "/" ? `/login?next=${encodeURIComponent(wanted)}` : "/login");
}

/** A page that the role doesn't open is refused before anything of it is loaded; from the overview one is sent to where one works. */
function permitted({ request }: LoaderFunctionArgs): void {
  const user = currentUser();
  const path = new URL(request.url).pathname.replace(/^\/admin(?=\/|$)/, "") || "/";
  if (!user || canOpen(user, path)) return;
  if (path === "/" && landingFor(user) !== "/") throw redirect(landingFor(user));
  throw new Response(null, { status: 403 });
}

export const router = createBrowserRouter(
  [
    {
      path: "/login",
      lazy: () => import("./routes/login/route"),
      errorElement: (
        <StaffShell>
          <RouteProblem />
        </StaffShell>
      ),
      HydrateFallback: () => null,
    },
    {
      path: "/",
      // Before any loader: those run side by side, and a stranger's would ask in vain.
      middleware: [staffOnly],
      Component: StaffShell,
      // A page that is refused before anything was loaded keeps the navigation around it.
      errorElement: (
        <StaffShell>
          <RouteProblem />
        </StaffShell>
      ),
      HydrateFallback: () => null,
      children: [
        {
          errorElement: <RouteProblem />,
          middleware: [permitted],
          children: [
            { index: true, lazy: () => import("./routes/overview/route") },
            { path: "orders", lazy: () => import("./routes/orders/route") },
            { path: "orders/:number", lazy: () => import("./routes/order/route") },
            { path: "products", lazy: () => import("./routes/products/route") },
            { path: "products/:slug", lazy: () => import("./routes/product/route") },
            { path: "categories", lazy: () => import("./routes/categories/route") },
            { path: "categories/:slug", lazy: () => import("./routes/category/route") },
            { path: "attributes", lazy: () => import("./routes/attributes/route") },
            { path: "attributes/:name", lazy: () => import("./routes/attribute/route") },
            { path: "collections", lazy: () => import("./routes/collections/route") },
            { path: "collections/:slug", lazy: () => import("./routes/collection/route") },
            { path: "redirects", lazy: () => import("./routes/redirects/route") },
            { path: "search", lazy: () => import("./routes/search/route") },
            { path: "inventory", lazy: () => import("./routes/inventory/route") },
            { path: "inventory/:sku", lazy: () => import("./routes/stock/route") },
            { path: "imports", lazy: () => import("./routes/imports/route") },
            { path: "imports/:id", lazy: () => import("./routes/import/route") },
            { path: "desk", lazy: () => import("./routes/review-queue/route") },
            { path: "drops", lazy: () => import("./routes/drops/route") },
            { path: "drops/:slug", lazy: () => import("./routes/drop/route") },
            { path: "events", lazy: () => import("./routes/events/webhooks") },
            { path: "events/ours", lazy: () => import("./routes/events/ours") },
            { path: "events/:id", lazy: () => import("./routes/event/webhook") },
            { path: "events/ours/:id", lazy: () => import("./routes/event/our") },
            { path: "ledger", lazy: () => import("./routes/ledger/route") },
            { path: "reconciliation", lazy: () => import("./routes/reconciliation/route") },
            { path: "*", loader: () => Promise.reject(new Response(null, { status: 404 })), Component: () => null },
          ],
        },
      ],
    },
  ],
  { basename: "/admin" },
);
