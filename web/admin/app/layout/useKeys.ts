import { useEffect, useRef } from "react";

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/**
 * Keys for a page: "x", "mod+k" (⌘ or Ctrl), or two in a row, "g o". Single keys rest while somebody types
 * or a dialog is open.
 */
export function useKeys(keys: Record<string, () => void>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    let first = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const press = (event: KeyboardEvent) => {
      const mod = event.metaKey || event.ctrlKey;
      const quiet = typing(event.target) || document.querySelector("dialog[open]") !== null;
      if (event.altKey || (!mod && quiet)) return;
      const key = mod ? `mod+${event.key.toLowerCase()}` : event.key;
      const run = latest.current[first ? `${first} ${key}` : key] ?? latest.current[key];
      clearTimeout(timer);
      first = "";
      if (run) {
        event.preventDefault();
        run();
      } else if (!mod && Object.keys(latest.current).some((known) => known.startsWith(`${key} `))) {
        first = key;
        timer = setTimeout(() => {
          first = "";
        }, 900);
      }
    };
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("keydown", press);
      clearTimeout(timer);
    };
  }, []);
}
