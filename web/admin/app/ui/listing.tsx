import { isProblem } from "@noirel/shared/api/problem";
import { Link, useLocation } from "react-router";
import type { Page } from "../api";
import { fieldErrors } from "./error-message";

type Query = Record<string, string | undefined>;
/** What was wrong with the query of a list, by parameter; "cursor" alone means that the list begins at its first page. */
export type Refusals = Record<string, string>;

/**
 * Reads a list by the query of the page's URL. A query that the API refuses is no failure of the page: the list is empty then, and
 * says what was refused; with a cursor that is no longer valid it is read from its first page. `none`: the empty list.
 */
export async function readList<T extends object>(
  query: Query,
  read: (query: Query) => Promise<T>,
  none: T,
): Promise<T & { refused?: Refusals }> {
  try {
    return await read(query);
  } catch (error) {
    if (!isProblem(error) || (error.status !== 400 && error.status !== 422)) throw error;
    const refused = fieldErrors(error);
    if (query.cursor && Object.keys(refused).join() === "cursor") {
      return { ...(await readList({ ...query, cursor: undefined }, read, none)), refused };
    }
    return { ...none, refused: Object.keys(refused).length ? refused : { "": error.detail || error.title } };
  }
}

export const readPage = <T,>(query: Query, read: (query: Query) => Promise<Page<T>>): Promise<Page<T>> =>
  readList(query, read, { results: [], next: null, total: 0 });

/** Says what was wrong with a list's query, and leads back to all of it. `fields`: parameters whose field says so itself. */
export function ListNotice({
  list: { refused = {} },
  fields = [],
}: {
  list: { refused?: Refusals };
  fields?: readonly string[];
}) {
  const { pathname, search } = useLocation();
  const names = Object.keys(refused).filter((name) => !fields.includes(name));
  if (!names.length) return null;
  if (names.join() === "cursor") {
    return (
      <p role="status" className="border-t border-line px-4 py-2.5 text-ink-2">
        That page of the list is no longer there. This is the first one.
      </p>
    );
  }
  const params = new URLSearchParams(search);
  return (
    <div role="alert" className="border-t border-line px-4 py-2.5">
      <p>Nothing is shown, because the list can’t be filtered like this:</p>
      <ul className="py-1 wrap-anywhere text-danger">
        {names.map((name) => (
          <li key={name}>
            {name ? `${title(name)}${params.get(name) ? ` “${params.get(name)}”` : ""}: ` : ""}
            {refused[name]}
          </li>
        ))}
      </ul>
      <Link to={pathname} className="underline underline-offset-4">
        Show all
      </Link>
    </div>
  );
}

const title = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
