import { Wordmark } from "@noirel/shared/ui/wordmark";
import { Link, Outlet } from "react-router";
import { Announcer } from "./announcer";

/** The frame of paying: the wordmark, the way back, and nothing else. */
export default function QuietLayout() {
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
        <Outlet />
      </main>
      <Announcer />
    </>
  );
}
