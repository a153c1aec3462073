import { Link, type LoaderFunctionArgs, useLoaderData } from "react-router";
import { events, type Page } from "../../api";
import type { WebhookEvent } from "../../types";
import { readPage } from "../../ui/listing";
import { Status } from "../../ui/Status";
import { cell } from "../../ui/table";
import { instant } from "../../ui/time";
import { asked, EventsPage } from "./EventsPage";
import { webhookStates } from "./words";

export async function loader({ request }: LoaderFunctionArgs): Promise<Page<WebhookEvent>> {
  return readPage(asked(request), (query) => events.webhooks(query, request.signal));
}

/** What the gateway sent, as it was stored, and what became of it. */
export function Component() {
  return (
    <EventsPage
      path="/events"
      search="Event or gateway ID"
      page={useLoaderData<Page<WebhookEvent>>()}
      states={webhookStates}
      columns={[
        { name: "Event" },
        { name: "About", wide: true },
        { name: "Order", wide: true },
        { name: "State" },
        { name: "Received", wide: true },
      ]}
      empty="No such webhooks."
    >
      {(event) => {
        const { label, tone, ring } = webhookStates[event.state];
        return (
          <tr key={event.id} className="hover:bg-sunk">
            <th scope="row" className={`${cell} text-start font-normal`}>
              <Link to={`/events/${event.id}`} className="font-medium underline-offset-4 hover:underline">
                {event.name || "No name"}
              </Link>
              <time dateTime={event.received_at} className="block text-xs text-ink-3 desk:hidden">
                {instant(event.received_at)}
              </time>
            </th>
            <td className={`${cell} font-mono text-xs max-desk:hidden`}>{event.about}</td>
            <td className={`${cell} max-desk:hidden`}>
              {event.order ? (
                <Link to={`/orders/${event.order}`} className="underline-offset-4 hover:underline">
                  <bdi>{event.order}</bdi>
                </Link>
              ) : (
                <span className="text-ink-3">none</span>
              )}
            </td>
            <td className={cell}>
              <Status tone={tone} ring={ring}>
                {event.tries > 1 ? `${label}, ${event.tries} attempts` : label}
              </Status>
            </td>
            <td className={`${cell} max-desk:hidden`}>
              <time dateTime={event.received_at}>{instant(event.received_at)}</time>
            </td>
          </tr>
        );
      }}
    </EventsPage>
  );
}
