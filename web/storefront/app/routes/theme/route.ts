import { safeRedirect } from "@noirel/shared/safe-redirect";
import { redirect } from "react-router";
import { formOf } from "../../server/loading.server";
import { THEME_COOKIE } from "../../theme";
import type { Route } from "./+types/route";

/** Keeps the chosen light in a cookie and goes back to the page it was chosen on. Works without JavaScript. */
export async function action({ request }: Route.ActionArgs) {
  const form = await formOf(request);
  const theme = String(form.get("theme"));
  const to = String(form.get("to") ?? "/");
  const cookie =
    theme === "ivory" || theme === "noir"
      ? `${THEME_COOKIE}=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`
      : `${THEME_COOKIE}=; Path=/; Max-Age=0; SameSite=Lax`;
  return redirect(safeRedirect(to, request.url), { headers: { "Set-Cookie": cookie } });
}

export function loader() {
  return redirect("/");
}
