import { pageError } from "../../server/loading.server";
import type { Route } from "./+types/route";

/** No such address: the frame's error page says so, with a true 404. */
export function loader({ request }: Route.LoaderArgs) {
  throw pageError(request, 404);
}

export default function Missing() {
  return null;
}
