/** The page's light: chosen in the footer and kept in a cookie, or whatever the system says. */
export type Theme = "ivory" | "noir" | "system";
const THEME_COOKIE = "noirel_theme";
const YEAR = 31_536_000; // seconds

/** What is neither ivory nor noir clears the cookie. `secure` where the shop is served over HTTPS. */
export function themeCookie(theme: string, secure: boolean): string {
  const isChosen = theme === "ivory" || theme === "noir";
  const value = isChosen ? theme : "";
  return `${THEME_COOKIE}=${value}; Path=/; Max-Age=${isChosen ? YEAR : 0}; SameSite=Lax${secure ? "; Secure" : ""}`;
}

export function readTheme(cookies: string | null): Theme {
  const value = cookies?.match(/(?:^|;\s*)noirel_theme=(ivory|noir)\b/)?.[1];
  return (value as Theme | undefined) ?? "system";
}
