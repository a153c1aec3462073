import { useEffect } from "react";

const FOCUSABLE =
  "a[href], button:not(:disabled), input:not(:disabled):not([type=hidden]), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]:not([tabindex='-1'])";

/**
 * Keeps the keyboard's place when what had the focus goes away: a row that was removed, a button whose act is done, a dialog's
 * opener. The browser would start again from the top of the page. The focus goes to the same control of the row that follows (or
 * of the one before), else to what stands there now, else to the heading of the section or of the page.
 */
export function useFocusRescue(): void {
  useEffect(() => {
    let last: HTMLElement | null = null;
    let parents: Element[] = [];
    const remember = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement)) return;
      last = target;
      parents = ancestorsOf(target);
    };
    // A press beside everything means to leave the control: nothing is lost then.
    const forget = ({ target }: PointerEvent) => {
      if (!last?.contains(target as Node)) last = null;
    };
    const rescue = (records: MutationRecord[]) => {
      if (!last || !document.hasFocus() || (document.activeElement && document.activeElement !== document.body)) return;
      if (last.isConnected) {
        // It was disabled for a while, or lies behind a dialog that is still open.
        if (last.matches(FOCUSABLE)) last.focus();
        return;
      }
      const place = records.find(({ removedNodes }) => [...removedNodes].some((node) => node.contains(last)));
      const target = (place && besideOf(place, last)) ?? headingOf(parents);
      if (!target) return;
      if (!target.matches(FOCUSABLE) && !target.hasAttribute("tabindex")) target.tabIndex = -1;
      target.focus({ preventScroll: target.tagName === "H1" });
    };
    const changes = new MutationObserver(rescue);
    changes.observe(document.body, { childList: true, subtree: true, attributeFilter: ["open", "disabled"] });
    document.addEventListener("focusin", remember);
    document.addEventListener("pointerdown", forget, true);
    return () => {
      changes.disconnect();
      document.removeEventListener("focusin", remember);
      document.removeEventListener("pointerdown", forget, true);
    };
  }, []);
}

function ancestorsOf(element: Element): Element[] {
  const found: Element[] = [];
  for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) found.push(one);
  return found;
}

/** The control like `lost` beside where it was taken from, or the first one there. */
function besideOf(
  { nextSibling, previousSibling, target, addedNodes }: MutationRecord,
  lost: Element,
): HTMLElement | null {
  const words = wordsOf(lost);
  const isRow = (node: Node | null): node is HTMLElement => node instanceof HTMLElement && node.isConnected;
  const added = [...addedNodes].filter(isRow);
  for (const row of [...added, nextSibling, previousSibling].filter(isRow)) {
    const all = [...(row.matches(FOCUSABLE) ? [row] : []), ...row.querySelectorAll<HTMLElement>(FOCUSABLE)];
    const found = all.find((one) => wordsOf(one) === words) ?? all[0];
    if (found) return found;
  }
  return target instanceof HTMLElement && target.isConnected && target.closest("table, ul, ol")
    ? target.querySelector<HTMLElement>(FOCUSABLE)
    : null;
}

const wordsOf = (control: Element): string => `${control.tagName} ${control.textContent}`;

/** The heading of the nearest section that is still there, or of the page. */
function headingOf(parents: Element[]): HTMLElement | null {
  const there = parents.filter((one) => one.isConnected);
  for (const section of there.filter((one) => one.matches("dialog[open], section, article"))) {
    const heading = section.querySelector<HTMLElement>("h2, h3");
    if (heading) return heading;
  }
  return document.querySelector<HTMLElement>("h1");
}
