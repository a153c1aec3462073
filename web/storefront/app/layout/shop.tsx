import type { ReactNode } from "react";
import { Outlet } from "react-router";
import type { Route } from "./+types/shop";
import { Announcer } from "./announcer";
import { ErrorPage } from "./error-page";
import { Footer } from "./footer";
import { Header } from "./header";

function PageLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <a href="#main" className="skip">
        Skip to content
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Footer />
      <Announcer />
    </>
  );
}

export default function ShopLayout() {
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
