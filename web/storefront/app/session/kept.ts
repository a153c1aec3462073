/** What the browser keeps, where it lets us: private modes and full disks say no, and the shop goes on. */
type Where = "localStorage" | "sessionStorage";

export function kept(name: string, where: Where = "localStorage"): string | null {
  try {
    return window[where].getItem(name);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string | null, where: Where = "localStorage"): void {
  try {
    if (value === null) window[where].removeItem(name);
    else window[where].setItem(name, value);
  } catch {
    // Not kept, then: it lasts as long as this page.
  }
}
