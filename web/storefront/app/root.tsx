import geist from "@noirel/shared/fonts/geist-latin-wght-normal.woff2?url";
import imbue from "@noirel/shared/fonts/imbue-latin-opsz-normal.woff2?url";
import { type ReactNode, useEffect } from "react";
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useRouteLoaderData } from "react-router";
import type { Route } from "./+types/root";
import "./app.css";
import { CartProvider } from "./cart/cart-provider";
import { ErrorPage } from "./layout/error-page";
import { isShopLoaded, ShopContext, setShopLoaded } from "./layout/shop-context";
import { useNonce } from "./nonce";
import { onBehalfOf } from "./server/api.server";
import { shopFacts } from "./server/shop.server";
import { SessionProvider } from "./session/session";
import { readTheme } from "./theme";

const font = { as: "font", type: "font/woff2", crossOrigin: "anonymous" } as const;

export const links: Route.LinksFunction = () => [
  { rel: "preload", href: imbue, ...font },
  { rel: "preload", href: geist, ...font },
  { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
];

/** Every loader and action below runs on behalf of the visitor's request. */
export const middleware: Route.MiddlewareFunction[] = [({ request }, next) => onBehalfOf(request, next)];

export async function loader({ request }: Route.LoaderArgs) {
  const { shop, hours } = await shopFacts();
  return {
    theme: readTheme(request.headers.get("Cookie")),
    /** null while the API is down and nothing of it is remembered. */
    shop,
    /** For the pages that are not there: the ones that are. */
    hours,
    origin: process.env.PUBLIC_URL ?? new URL(request.url).origin,
  };
}

/** The shop's own facts don't change while someone walks through it; only a choice of light asks again. */
export function shouldRevalidate({ formAction }: { formAction?: string }) {
  return formAction === "/theme" || !isShopLoaded();
}

export function Layout({ children }: { children: ReactNode }) {
  const theme = useRouteLoaderData<typeof loader>("root")?.theme ?? "system";
  const nonce = useNonce();
  return (
    <html lang="en-IN" {...(theme !== "system" && { "data-theme": theme })}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta
          name="theme-color"
          media="(prefers-color-scheme: light)"
          content={theme === "noir" ? "#110D14" : "#F8F6F0"}
        />
        <meta
          name="theme-color"
          media="(prefers-color-scheme: dark)"
          content={theme === "ivory" ? "#F8F6F0" : "#110D14"}
        />
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <ScrollRestoration {...(nonce && { nonce })} />
        <Scripts {...(nonce && { nonce })} />
      </body>
    </html>
  );
}

export default function App({ loaderData: { shop } }: Route.ComponentProps) {
  useEffect(() => setShopLoaded(shop !== null), [shop]);
  return (
    <ShopContext value={shop}>
      <SessionProvider>
        <CartProvider>
          <Outlet />
        </CartProvider>
      </SessionProvider>
    </ShopContext>
  );
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  // The frame itself needs the shop's facts, and they may be what is missing: this page stands without it.
  return (
    <main id="main" tabIndex={-1}>
      <ErrorPage error={error} />
    </main>
  );
}
