import { safeRedirect } from "@noirel/shared/safe-redirect";
import { redirect } from "react-router";
import { formOf } from "../../server/loading.server";
import { isSecure } from "../../server/secure.server";
import { themeCookie } from "../../theme";
import type { Route } from "./+types/route";

/** Keeps the chosen light in a cookie and goes back to the page it was chosen on. Works without JavaScript. */
export async function action({ request }: Route.ActionArgs) {
  const form = await formOf(request);
  const theme = String(form.get("theme"));
  const to = String(form.get("to") ?? "/");
  return redirect(safeRedirect(to, request.url), { headers: { "Set-Cookie": themeCookie(theme, isSecure()) } });
}

export function loader() {
  return redirect("/");
}
