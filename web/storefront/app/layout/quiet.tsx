import { Wordmark } from "@noirel/shared/ui/wordmark";
import type { ReactNode } from "react";
import { Link, Outlet } from "react-router";
import type { Route } from "./+types/quiet";
import { Announcer } from "./announcer";
import { ErrorPage } from "./error-page";

/** The frame of paying: the wordmark, the way back, and nothing else. */
function PageLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <a href="#main" className="skip">
        Skip to content
      </a>
      <header className="wrap flex items-center justify-between py-6 text-sm">
        <Link to="/" aria-label="NOIR'EL, home">
          <Wordmark />
        </Link>
        <Link to="/bag" className="link">
          Back to bag
        </Link>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Announcer />
    </>
  );
}

export default function QuietLayout() {
  return (
    <PageLayout>
      <Outlet />
    </PageLayout>
  );
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  return (
    <PageLayout>
      <ErrorPage error={error} />
    </PageLayout>
  );
}
