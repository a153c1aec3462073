import { LogOut, Search, Store } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { NavLink, Outlet, ScrollRestoration, useLocation, useNavigate, useNavigation } from "react-router";
import { currentUser, signOut } from "../session/session";
import type { User } from "../types";
import { ToastProvider } from "../ui/Toast";
import { shopZone } from "../ui/time";
import { LeaveGuard } from "../ui/unsaved";
import { Keys } from "./Keys";
import { mod } from "./mod";
import { visibleNavItems } from "./navigation";
import { Palette } from "./Palette";
import { SignInAgain } from "./SignInAgain";
import { useFocusRescue } from "./useFocusRescue";
import { useKeys } from "./useKeys";

const itemClass = ({ isActive }: { isActive: boolean }) =>
  `flex h-8 items-center gap-2.5 rounded-admin px-2.5 whitespace-nowrap max-desk:h-11 [&>svg]:flex-none ${
    isActive ? "bg-raised font-medium text-ink outline outline-line" : "text-ink-2 hover:text-ink"
  }`;

/** The frame of every page, for whoever is signed in; children stand in place of the page, where it can't be shown. */
export function StaffShell({ children }: { children?: ReactNode }) {
  const [user] = useState(currentUser); // who one is does not change by going from page to page
  return user ? <Shell user={user}>{children}</Shell> : <main className="mx-auto max-w-xl px-4 py-16">{children}</main>;
}

export function Shell({ user, children }: { user: User; children?: ReactNode }) {
  const navigate = useNavigate();
  const location = useLocation();
  const busy = useNavigation().state !== "idle";
  const [palette, openPalette] = useState(false);
  const [keys, openKeys] = useState(false);
  const sections = useRef<HTMLElement>(null);
  const seen = visibleNavItems(user);

  useKeys({
    "mod+k": () => openPalette(true),
    "?": () => openKeys(true),
    ...Object.fromEntries(seen.map(({ to, key }) => [`g ${key}`, () => navigate(to)])),
  });

  useFocusRescue();

  // After a move the heading takes focus, so that a screen reader says where one is. The query alone is no move.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is the trigger
  useEffect(() => {
    document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    // On a phone the navigation scrolls sideways: the section one is in stands in its middle.
    const current = sections.current?.querySelector<HTMLElement>("[aria-current=page]");
    if (current && sections.current) {
      sections.current.scrollLeft = current.offsetLeft - (sections.current.clientWidth - current.offsetWidth) / 2;
    }
  }, [location.pathname]);

  return (
    <ToastProvider>
      <a
        href="#main"
        className="fixed start-3 top-3 z-60 -translate-y-20 rounded-admin bg-ink px-3 py-2 text-paper focus:translate-y-0"
      >
        Skip to the content
      </a>
      <div className="grid min-h-svh grid-cols-[minmax(0,1fr)] max-desk:content-start desk:grid-cols-[14.5rem_minmax(0,1fr)]">
        <aside className="flex flex-col gap-4 border-line bg-sunk px-3 py-4 max-desk:gap-1 max-desk:border-b max-desk:py-2 desk:sticky desk:top-0 desk:h-svh desk:overflow-y-auto desk:border-e">
          <div className="flex items-center justify-between">
            <p className="px-2.5 pt-1 font-display text-lg tracking-[0.2em]">NOIR’EL</p>
            <button
              type="button"
              popoverTarget="account"
              aria-label={`Account: ${user.name || user.email}`}
              className="grid size-11 place-items-center desk:hidden"
            >
              <Initials user={user} />
            </button>
          </div>
          <nav
            ref={sections}
            aria-label="Admin"
            className="relative max-desk:-mx-2 max-desk:overflow-x-auto max-desk:p-1.5"
          >
            <ul className="grid gap-0.5 max-desk:flex">
              {seen.map(({ to, label, icon: Icon, end }) => (
                <li key={to} className="max-desk:flex-none">
                  <NavLink to={to} end={end ?? false} className={itemClass}>
                    <Icon size={16} strokeWidth={1.5} />
                    {label}
                  </NavLink>
                </li>
              ))}
            </ul>
          </nav>
          <div className="mt-auto grid gap-0.5 max-desk:hidden">
            <Account user={user} />
          </div>
        </aside>
        <div className="min-w-0 px-7 pb-16 max-desk:px-4">
          <div className="flex h-14 items-center">
            <button
              type="button"
              onClick={() => openPalette(true)}
              className="flex h-8.5 w-[22rem] max-w-full max-desk:w-full items-center gap-2.5 rounded-admin border border-line bg-raised ps-3 pe-2 text-ink-3 hover:border-rule max-desk:h-11"
            >
              <Search size={15} strokeWidth={1.5} aria-hidden="true" />
              Search or run a command
              <kbd className="ms-auto rounded-[4px] border border-line bg-paper px-1.5 font-sans text-xs text-ink-2">
                {mod()} K
              </kbd>
            </button>
          </div>
          <main
            id="main"
            tabIndex={-1}
            aria-busy={busy}
            className={`mx-auto max-w-[90rem] outline-none ${busy ? "opacity-70" : ""}`}
          >
            {children ?? <Outlet />}
          </main>
        </div>
      </div>
      <div
        id="account"
        popover="auto"
        className="fixed inset-auto end-3 top-14 m-0 w-64 rounded-panel border border-line bg-raised p-2 text-ink"
      >
        <div className="grid gap-0.5">
          <Account user={user} />
        </div>
      </div>
      <Palette open={palette} onClose={() => openPalette(false)} places={seen} />
      <LeaveGuard />
      <SignInAgain user={user} />
      <Keys open={keys} onClose={() => openKeys(false)} places={seen} />
      <ScrollRestoration />
    </ToastProvider>
  );
}

/** The way out, and who one is here. */
function Account({ user }: { user: User }) {
  const navigate = useNavigate();
  return (
    <>
      <a href="/" className={itemClass({ isActive: false })}>
        <Store size={16} strokeWidth={1.5} />
        View the shop
      </a>
      <button
        type="button"
        className={`${itemClass({ isActive: false })} w-full`}
        onClick={async () => {
          await signOut();
          navigate("/login");
        }}
      >
        <LogOut size={16} strokeWidth={1.5} />
        Sign out
      </button>
      <p className="flex items-center gap-2.5 truncate px-2.5 pt-3">
        <Initials user={user} />
        <span className="truncate">{user.name || user.email}</span>
      </p>
      <p className="px-2.5 pt-2 text-xs text-ink-3">Times are in {shopZone()}.</p>
    </>
  );
}

function Initials({ user }: { user: User }) {
  return (
    <span
      aria-hidden="true"
      className="grid size-6.5 flex-none place-items-center rounded-full bg-ink text-[0.6875rem] font-medium text-paper"
    >
      {initials(user)}
    </span>
  );
}

const initials = (user: User) =>
  (user.name || user.email)
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase())
    .join("");
