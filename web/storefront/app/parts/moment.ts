import type { Drop, VariantDrop } from "@noirel/shared/api/types";
import { useEffect, useState } from "react";
import { clock, ownTime, weekdayIn } from "../payment/dates";
import type { Zones } from "./zones";

const DAY = 86_400_000;

export type DropPhase = "before" | "open" | "over";

/** Where a launch, or the entries of a lottery, are in their time. */
export function dropPhase(drop: Pick<Drop | VariantDrop, "opens_at" | "closes_at">, now: number): DropPhase {
  if (now < Date.parse(drop.opens_at)) return "before";
  return drop.closes_at && now >= Date.parse(drop.closes_at) ? "over" : "open";
}

/** "Thursday 26 November at 21:12 IST": a promise is a date, and names the clock it is read from. */
export function dateOf(at: string, zones: Pick<Zones, "shop">): string {
  return `${weekdayIn(at, zones.shop)} at ${clock(at, zones)}`;
}

/** The same, and behind it the reader's own time where that is another one: for openings, ends and holds. */
export function momentOf(at: string, zones: Zones): string {
  return dateOf(at, zones) + ownTime(at, zones);
}

/** "Friday 4 December": a day of the calendar, the same in every zone; with its year where that is not the year of `today`. */
export function dayOf(on: string, today: string): string {
  const far = on.slice(0, 4) !== today.slice(0, 4);
  const words = new Intl.DateTimeFormat("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(far && { year: "numeric" }),
    timeZone: "UTC",
  });
  return words.format(new Date(on)).replace(",", "");
}

/** How long until then, in at most two units and no seconds but in the last minute. */
export function timeUntil(at: string, now: number): string {
  const left = Date.parse(at) - now;
  if (left <= 0) return "now";
  const unit = (count: number, name: string) => `${count} ${name}${count === 1 ? "" : "s"}`;
  const minutes = Math.ceil(left / 60_000);
  if (left <= 60_000) return `in ${unit(Math.ceil(left / 1000), "second")}`;
  if (minutes < 60) return `in ${unit(minutes, "minute")}`;
  const hours = Math.floor(minutes / 60);
  if (left < DAY)
    return `in ${[unit(hours, "hour"), minutes % 60 && unit(minutes % 60, "minute")].filter(Boolean).join(" ")}`;
  const days = Math.floor(hours / 24);
  return `in ${[unit(days, "day"), hours % 24 && unit(hours % 24, "hour")].filter(Boolean).join(" ")}`;
}

/** "5 minutes", "48 hours": a stretch of time in its largest whole unit. */
export function durationText(seconds: number): string {
  const [count, name] =
    seconds % 3600 === 0
      ? [seconds / 3600, "hour"]
      : seconds % 60 === 0
        ? [seconds / 60, "minute"]
        : [seconds, "second"];
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

/**
 * The time, from the server's (so that the first render is the server's own) to the browser's. It moves on every second near
 * one of the moments that matter, every half minute while one is to come, and not at all when none is.
 */
export function useNow(served: string, ...moments: (string | null | undefined)[]): number {
  const [now, tick] = useState(() => Date.parse(served));
  const ahead = moments.flatMap((at) => (at && Date.parse(at) > now ? [Date.parse(at) - now] : []));
  const every = ahead.length === 0 ? null : Math.min(...ahead) < 90_000 ? 1000 : 30_000;
  useEffect(() => {
    tick(Date.now());
    if (every === null) return;
    const timer = setInterval(() => tick(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
