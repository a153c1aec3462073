import type { AdminDrop, AdminDropEntry } from "../../types";

type Tone = "good" | "wait" | "bad" | "off";

export const modeWords = { first_come: "First come", lottery: "Lottery" } as const;

/** Where a drop is, in a word; what is announced and has not begun is told from what is under way. */
export function statusLabel(drop: AdminDrop, now: number = Date.now()): [string, Tone] {
  switch (drop.status) {
    case "draft":
      return ["Draft", "off"];
    case "announced":
      if (now < Date.parse(drop.opens_at)) return ["Announced", "wait"];
      if (drop.closes_at && now >= Date.parse(drop.closes_at)) return ["Over", "wait"];
      return ["Open", "good"];
    case "closed":
      return [drop.mode === "lottery" ? "To be drawn" : "Closed", "wait"];
    case "drawn":
      return ["Drawn", "good"];
    default:
      return ["Ended", "off"];
  }
}

export const entryWords: Record<AdminDropEntry["state"], [string, Tone]> = {
  unconfirmed: ["Not confirmed", "off"],
  entered: ["Entered", "wait"],
  offered: ["May buy", "good"],
  claimed: ["Bought", "good"],
  lapsed: ["Lapsed", "off"],
};
