import { useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";

/**
 * After a client navigation to another page: focus goes to its heading, its title is said once.
 * Filters and sizes change only the query and keep focus where it is.
 */
export function Announcer() {
  const { pathname } = useLocation();
  const before = useRef(pathname);
  const [said, say] = useState("");
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    const heading = document.querySelector<HTMLElement>("main h1") ?? document.getElementById("main");
    if (heading && !heading.hasAttribute("tabindex")) heading.tabIndex = -1;
    // Back and forward keep their scroll: focus must not undo it.
    heading?.focus({ preventScroll: true });
    say(document.title);
  }, [pathname]);
  return (
    <div aria-live="polite" className="sr-only">
      {said}
    </div>
  );
}
