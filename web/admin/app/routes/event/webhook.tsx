import { Link, type LoaderFunctionArgs, useLoaderData } from "react-router";
import { events } from "../../api";
import type { WebhookEventWhole } from "../../types";
import { Status } from "../../ui/Status";
import { instant } from "../../ui/time";
import { webhookStates } from "../events/words";
import { EventPage, readable } from "./EventPage";

export async function loader({ params, request }: LoaderFunctionArgs): Promise<WebhookEventWhole> {
  return events.webhook(params.id ?? "", request.signal);
}

export function Component() {
  const event = useLoaderData<WebhookEventWhole>();
  const { label, tone, ring } = webhookStates[event.state];
  return (
    <EventPage
      name={event.name || "Event without a name"}
      back="/events"
      content={{ title: "Signed payload", text: readable(event.body) }}
      facts={[
        [
          "State",
          <Status key="state" tone={tone} ring={ring}>
            {label}
          </Status>,
        ],
        ["Received", instant(event.received_at)],
        ["Applied", event.applied_at ? instant(event.applied_at) : "not yet"],
        ...(event.retry_at ? [["Next attempt", instant(event.retry_at)] as [string, string]] : []),
        ["Attempts", event.tries ? `${event.tries} failed` : "none failed"],
        ...(event.problem ? [["Why", event.problem] as [string, string]] : []),
        [
          "Order",
          event.order ? (
            <Link key="order" to={`/orders/${event.order}`} className="underline underline-offset-4">
              {event.order}
            </Link>
          ) : (
            "none of ours"
          ),
        ],
        ["About", <Code key="about">{event.about}</Code>],
        ["Event", <Code key="event">{event.event_id}</Code>],
        ["Account", <Code key="account">{event.account_id}</Code>],
        ["SHA-256", <Code key="hash">{event.content_hash}</Code>],
      ]}
      act={{
        label: "Apply again",
        says: "It is applied as if it had just arrived. Repeats have no effect.",
        run: async (key) => {
          const { state } = await events.replay(event.id, key);
          return `${event.name}: ${webhookStates[state].label.toLowerCase()}`;
        },
      }}
    />
  );
}

function Code({ children }: { children: string }) {
  return <span className="font-mono text-xs break-all">{children || "–"}</span>;
}
