import { Link, type LoaderFunctionArgs, useLoaderData } from "react-router";
import { events } from "../../api";
import type { OutboxEventWhole } from "../../types";
import { Status } from "../../ui/Status";
import { instant } from "../../ui/time";
import { listener, ourStates } from "../events/words";
import { EventPage } from "./EventPage";

export async function loader({ params, request }: LoaderFunctionArgs): Promise<OutboxEventWhole> {
  return events.our(params.id ?? "", request.signal);
}

export function Component() {
  const event = useLoaderData<OutboxEventWhole>();
  const { label, tone, ring } = ourStates[event.state];
  const open = event.state === "waiting" || event.state === "parked";
  return (
    <EventPage
      name={event.name}
      back="/events/ours"
      content={{ title: "Payload", text: JSON.stringify(event.payload, null, 2) }}
      facts={[
        [
          "State",
          <Status key="state" tone={tone} ring={ring}>
            {label}
          </Status>,
        ],
        [
          "About",
          event.order ? (
            <Link key="order" to={`/orders/${event.order}`} className="underline underline-offset-4">
              {event.order}
            </Link>
          ) : (
            <span key="key" className="font-mono text-xs break-all">
              {event.key}
            </span>
          ),
        ],
        ["Happened", instant(event.created_at)],
        ...(event.done_at ? [["Delivered", instant(event.done_at)] as [string, string]] : []),
        ["Handlers", event.told.length ? event.told.map(listener).join(", ") : "No handler"],
        ["Attempts", String(event.attempts)],
        ...(event.state === "waiting" ? [["Next attempt", instant(event.not_before)] as [string, string]] : []),
        ...(event.last_error ? [["Last answer", event.last_error] as [string, string]] : []),
      ]}
      act={
        open
          ? {
              label: "Send again",
              says: "It is sent now, to the handlers that have not had it, with a fresh set of attempts.",
              run: async (key) => {
                await events.retry(event.id, key);
                return `${event.name} is being sent again`;
              },
            }
          : null
      }
    />
  );
}
