/** What the browser keeps, where it lets us: private modes and full disks say no, and the shop goes on. */
type StorageArea = "localStorage" | "sessionStorage";

export function readStorage(name: string, where: StorageArea = "localStorage"): string | null {
  try {
    return window[where].getItem(name);
  } catch {
    return null;
  }
}

export function writeStorage(name: string, value: string | null, where: StorageArea = "localStorage"): void {
  try {
    if (value === null) window[where].removeItem(name);
    else window[where].setItem(name, value);
  } catch {
    // Not kept, then: it lasts as long as this page.
  }
}

/** What a signed-in shopper leaves in the browser: keys to orders, orders to pay, the address of the checkout. */
const PERSONAL = /^noirel\.(?:order\.|unpaid$|checkout$|attempt$)/;

/** Forgets what the next person at this browser must not find. */
export function forgetPersonal(): void {
  for (const where of ["localStorage", "sessionStorage"] as const) {
    try {
      for (const name of Object.keys(window[where])) if (PERSONAL.test(name)) window[where].removeItem(name);
    } catch {
      // Nothing could be stored either.
    }
  }
}
