import { Link, useFetcher, useLocation, useRouteLoaderData } from "react-router";
import type { loader } from "../root";
import type { Theme } from "../theme";
import { useOptionalShop } from "./shop-context";

const LIGHTS: [Theme, string][] = [
  ["ivory", "Ivory"],
  ["noir", "Noir"],
  ["system", "System"],
];

const COLUMNS = [
  {
    title: "The perfumes",
    links: [
      ["/perfumes", "All hours"],
      ["/p/discovery-set", "Discovery set"],
      ["/drops", "Launches"],
      ["/collections/all", "Everything"],
      ["/search", "Search"],
    ],
  },
  {
    title: "Care",
    links: [
      ["/help", "Help"],
      ["/returns-policy", "Delivery and returns"],
      ["/account", "Account and orders"],
      ["/orders/find", "Find an order"],
    ],
  },
  {
    title: "The house",
    links: [
      ["/house", "The house"],
      ["/journal", "Journal"],
      ["/privacy", "Privacy"],
    ],
  },
] as const;

function Light() {
  const chosen = useRouteLoaderData<typeof loader>("root")?.theme ?? "system";
  const { pathname, search } = useLocation();
  const fetcher = useFetcher();
  const current = (fetcher.formData?.get("theme") as Theme | null) ?? chosen;
  return (
    <fetcher.Form method="post" action="/theme">
      <input type="hidden" name="to" value={pathname + search} />
      <fieldset className="flex flex-wrap items-center gap-1">
        <legend className="sr-only">Light</legend>
        {LIGHTS.map(([theme, label]) => (
          <button
            type="submit"
            key={theme}
            name="theme"
            value={theme}
            aria-pressed={current === theme}
            className="flex min-h-11 items-center gap-2 px-2 text-ink-2 before:size-1.75 before:rounded-full before:border before:border-current aria-pressed:text-ink aria-pressed:before:bg-current"
          >
            {label}
          </button>
        ))}
      </fieldset>
    </fetcher.Form>
  );
}

export function Footer() {
  const shop = useOptionalShop();
  return (
    <footer id="site-links" className="mt-section border-t border-line text-[0.875rem] text-ink-2">
      <div className="wrap grid grid-cols-2 gap-x-gap gap-y-9 pt-12 pb-10 desk:grid-cols-12">
        <p className="display col-span-2 text-xl text-ink desk:col-span-5 desk:max-w-[16em]">
          Aged ten weeks in the dark. Sent the next morning.
        </p>
        {COLUMNS.map(({ title, links }, index) => (
          <nav
            key={title}
            aria-label={title}
            className={index === 0 ? "desk:col-span-2 desk:col-start-7" : "desk:col-span-2"}
          >
            <h2 className="font-medium text-ink">{title}</h2>
            <ul className="mt-2">
              {links.map(([to, label]) => (
                <li key={to}>
                  <Link to={to} className="inline-flex min-h-9 items-center max-desk:min-h-11">
                    <span className="link-quiet">{label}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
        ))}
      </div>
      <div className="wrap flex flex-wrap items-center justify-between gap-x-8 gap-y-2 border-t border-line py-5">
        <span>NOIR’EL Parfums</span>
        <Light />
        <span>{shop ? `India, ${shop.currency}` : "India"}</span>
      </div>
    </footer>
  );
}
