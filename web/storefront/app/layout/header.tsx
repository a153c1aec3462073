import { useHydrated } from "@noirel/shared/ui/hydrated";
import { Sheet } from "@noirel/shared/ui/sheet";
import { Wordmark } from "@noirel/shared/ui/wordmark";
import { useEffect, useState } from "react";
import { Link, NavLink, useLocation, useMatches } from "react-router";
import { useCart } from "../cart/cart-context";

const MAIN = [
  ["/perfumes", "Perfumes"],
  ["/p/discovery-set", "Discovery"],
  ["/journal", "Journal"],
  ["/house", "The house"],
] as const;

const MENU = "-ms-2.5 grid size-11 place-items-center desk:hidden";
const MENU_ICON = (
  <svg width="24" height="24" fill="none" stroke="currentColor" strokeWidth="1.25" aria-hidden="true">
    <path d="M2 9h20M2 15.5h20" />
  </svg>
);

/** A page may lie under the header: it says in its handle which light it has there. */
export type PageHandle = { under?: (data: unknown) => "noir" | "ivory" | null };

function useGround(): "noir" | "ivory" | null {
  const matches = useMatches();
  for (const { handle, loaderData } of matches.toReversed()) {
    const ground = (handle as PageHandle | undefined)?.under?.(loaderData);
    if (ground) return ground;
  }
  return null;
}

export function Header() {
  const { count, open } = useCart();
  const [menu, setMenu] = useState(false);
  const hydrated = useHydrated();
  const { key } = useLocation();
  const ground = useGround();
  // Any navigation closes the menu, the browser's own back included.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the location's key is what tells one navigation from the next.
  useEffect(() => setMenu(false), [key]);

  const bag = count === null ? "Bag" : `Bag ${count}`;
  const plain = "link-quiet inline-flex min-h-6 items-center";
  return (
    <header
      {...(ground && { "data-theme": ground })}
      className={`z-10 text-[0.875rem] text-ink ${ground ? "absolute inset-x-0 top-0" : "relative"}`}
    >
      <div className="wrap grid grid-cols-[1fr_auto_1fr] items-center py-3 desk:py-6">
        <nav aria-label="Main">
          <ul className="flex gap-8 max-desk:hidden">
            {MAIN.map(([to, label]) => (
              <li key={to}>
                <NavLink to={to} className={plain}>
                  {label}
                </NavLink>
              </li>
            ))}
          </ul>
          {hydrated ? (
            <button
              type="button"
              aria-label="Menu"
              aria-haspopup="dialog"
              onClick={() => setMenu(true)}
              className={MENU}
            >
              {MENU_ICON}
            </button>
          ) : (
            // Until a script can open the sheet, the same links are at the foot of the page.
            <a href="#site-links" aria-label="Menu" className={MENU}>
              {MENU_ICON}
            </a>
          )}
        </nav>
        <Link to="/" aria-label="NOIR'EL, home">
          <Wordmark />
        </Link>
        <div className="flex gap-8 justify-self-end">
          <NavLink to="/search" className={`${plain} max-desk:hidden`}>
            Search
          </NavLink>
          <NavLink to="/account" className={`${plain} max-desk:hidden`}>
            Account
          </NavLink>
          <Link
            to="/bag"
            className="link-quiet numerals inline-flex min-h-11 items-center desk:min-h-6"
            aria-label={count === null ? "Bag" : `Bag, ${count} ${count === 1 ? "piece" : "pieces"}`}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey || count === null) return;
              event.preventDefault();
              open();
            }}
          >
            {bag}
          </Link>
        </div>
      </div>

      <Sheet open={menu} onClose={() => setMenu(false)} title="Menu" from="start">
        <nav aria-label="Menu">
          <ul className="grid border-t border-line">
            {[
              ...MAIN,
              ["/search", "Search"] as const,
              ["/account", "Account"] as const,
              ["/help", "Help"] as const,
            ].map(([to, label]) => (
              <li key={to} className="border-b border-line">
                <NavLink to={to} className="display flex min-h-14 items-center text-xl">
                  {label}
                </NavLink>
              </li>
            ))}
          </ul>
        </nav>
      </Sheet>
    </header>
  );
}
