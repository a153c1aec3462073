import { Link, type LoaderFunctionArgs, useLoaderData } from "react-router";
import { events, type Page } from "../../api";
import type { OutboxEvent } from "../../types";
import { readPage } from "../../ui/listing";
import { Status } from "../../ui/Status";
import { cell } from "../../ui/table";
import { instant } from "../../ui/time";
import { asked, EventsPage } from "./EventsPage";
import { ourStates } from "./words";

export async function loader({ request }: LoaderFunctionArgs): Promise<Page<OutboxEvent>> {
  return readPage(asked(request), (query) => events.ours(query, request.signal));
}

/** What happened in the shop, and whether everybody has heard of it. */
export function Component() {
  return (
    <EventsPage
      path="/events/ours"
      search="Event or order number"
      page={useLoaderData<Page<OutboxEvent>>()}
      states={ourStates}
      columns={[
        { name: "Event" },
        { name: "About", wide: true },
        { name: "State" },
        { name: "Attempts", wide: true },
        { name: "Happened", wide: true },
      ]}
      empty="No such events."
    >
      {(event) => {
        const { label, tone, ring } = ourStates[event.state];
        return (
          <tr key={event.id} className="hover:bg-sunk">
            <th scope="row" className={`${cell} text-start font-normal`}>
              <Link to={`/events/ours/${event.id}`} className="font-medium underline-offset-4 hover:underline">
                {event.name}
              </Link>
              <time dateTime={event.created_at} className="block text-xs text-ink-3 desk:hidden">
                {instant(event.created_at)}
              </time>
            </th>
            <td className={`${cell} max-desk:hidden`}>
              {event.order ? (
                <Link to={`/orders/${event.order}`} className="underline-offset-4 hover:underline">
                  <bdi>{event.order}</bdi>
                </Link>
              ) : (
                <span className="font-mono text-xs text-ink-2">{event.key}</span>
              )}
            </td>
            <td className={cell}>
              <Status tone={tone} ring={ring}>
                {label}
              </Status>
            </td>
            <td className={`${cell} max-desk:hidden`}>{event.attempts}</td>
            <td className={`${cell} max-desk:hidden`}>
              <time dateTime={event.created_at}>{instant(event.created_at)}</time>
            </td>
          </tr>
        );
      }}
    </EventsPage>
  );
}
