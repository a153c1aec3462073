import { data } from "react-router";

/** No such address: the frame's error page says so, with a true 404. */
export function loader() {
  throw data(null, { status: 404 });
}

export default function Missing() {
  return null;
}
