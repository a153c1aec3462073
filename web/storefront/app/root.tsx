import geist from "@noirel/shared/fonts/geist-latin-wght-normal.woff2?url";
import imbue from "@noirel/shared/fonts/imbue-latin-opsz-normal.woff2?url";
import type { ReactNode } from "react";
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useRouteLoaderData } from "react-router";
import type { Route } from "./+types/root";
import "./app.css";
import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import { BagProvider } from "./cart/bag";
import { ErrorPage } from "./layout/error-page";
import { ShopContext } from "./layout/shop-context";
import { useNonce } from "./nonce";
import { hoursOf } from "./parts/dial";
import { SessionProvider } from "./session/session";
import { readTheme } from "./theme";

const font = { as: "font", type: "font/woff2", crossOrigin: "anonymous" } as const;

export const links: Route.LinksFunction = () => [
  { rel: "preload", href: imbue, ...font },
  { rel: "preload", href: geist, ...font },
  { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
];

export async function loader({ request }: Route.LoaderArgs) {
  const [shop, hours] = await Promise.all([
    unwrap(api.get("/shop")),
    unwrap(api.get("/products", { query: { collection: "hours", limit: 24 } })).then(
      ({ results }) => hoursOf(results),
      () => [],
    ),
  ]);
  return {
    theme: readTheme(request.headers.get("Cookie")),
    shop,
    /** For the pages that are not there: the ones that are. */
    hours,
    request: request.headers.get("X-Request-ID"),
    origin: process.env.PUBLIC_URL ?? new URL(request.url).origin,
  };
}

/** The shop's own facts don't change while someone walks through it; only a choice of light asks again. */
export function shouldRevalidate({ formAction }: { formAction?: string }) {
  return formAction === "/theme";
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
  return (
    <ShopContext value={shop}>
      <SessionProvider>
        <BagProvider>
          <Outlet />
        </BagProvider>
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
