import type { OutboxEvent, WebhookEvent } from "../../types";

type Words = { label: string; tone: "good" | "wait" | "bad" | "off"; ring: boolean };

export const webhookStates: Record<WebhookEvent["state"], Words> = {
  waiting: { label: "Retrying", tone: "wait", ring: true },
  parked: { label: "On hold", tone: "bad", ring: false },
  left_alone: { label: "Ignored", tone: "off", ring: true },
  set_aside: { label: "Set aside", tone: "off", ring: false },
  applied: { label: "Applied", tone: "good", ring: false },
};

export const ourStates: Record<OutboxEvent["state"], Words> = {
  waiting: { label: "Waiting", tone: "wait", ring: true },
  parked: { label: "On hold", tone: "bad", ring: false },
  set_aside: { label: "Set aside", tone: "off", ring: false },
  told: { label: "Delivered", tone: "good", ring: false },
};

/** "noirel.notifications.services.orders.send_receipt" is "orders: send receipt" to who reads it. */
export function listener(name: string): string {
  const [room, act] = name.split(".").slice(-2);
  return act && room ? `${room}: ${act.replaceAll("_", " ")}` : name;
}
