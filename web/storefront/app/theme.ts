/** The page's light: chosen in the footer and kept in a cookie, or whatever the system says. */
export type Theme = "ivory" | "noir" | "system";
export const THEME_COOKIE = "noirel_theme";

export function readTheme(cookies: string | null): Theme {
  const value = cookies?.match(/(?:^|;\s*)noirel_theme=(ivory|noir)\b/)?.[1];
  return (value as Theme | undefined) ?? "system";
}
