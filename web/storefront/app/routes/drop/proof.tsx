import { api } from "@noirel/shared/api/client";
import { isProblem, unwrap } from "@noirel/shared/api/problem";
import type { Draw, Drop, Entry } from "@noirel/shared/api/types";
import { Button } from "@noirel/shared/ui/button";
import { Check } from "@noirel/shared/ui/icons";
import { useState } from "react";
import { dateOf } from "../../parts/moment";
import { useZones } from "../../parts/zones";
import { verifyDraw } from "./verify";

type State =
  | { at: "rest" | "busy" }
  | { at: "lost"; why: string }
  | { at: "ran"; draw: Draw; wrong: string[]; milliseconds: number };

/** The promise, the list, the draw; and the button that runs it again in the reader's own browser. */
export function Proof({
  drop,
  lottery,
  entry,
}: {
  drop: Drop;
  lottery: NonNullable<Drop["lottery"]>;
  entry: Entry | null;
}) {
  const zones = useZones();
  const [state, setState] = useState<State>({ at: "rest" });

  const run = async () => {
    setState({ at: "busy" });
    try {
      const draw = await unwrap(api.get("/drops/{slug}/draw", { path: { slug: drop.slug } }));
      const began = performance.now();
      const wrong = await verifyDraw(draw);
      setState({ at: "ran", draw, wrong, milliseconds: Math.max(1, Math.round(performance.now() - began)) });
    } catch (error) {
      if (!isProblem(error)) throw error;
      setState({ at: "lost", why: "The draw could not be read. Try again." });
    }
  };

  const steps: { title: string; text: string; code: string | null }[] = [
    {
      title: "A promise, before anybody entered",
      text: `32 random bytes decide the draw. Their SHA-256 is public since ${dateOf(lottery.committed_at, zones)}; the bytes are not.`,
      code: lottery.commitment,
    },
    {
      title: "The list, written down",
      text:
        lottery.listed_at && lottery.entry_count !== null
          ? `${lottery.entry_count} ${lottery.entry_count === 1 ? "entry" : "entries"}. This is their SHA-256; nobody came in after it.`
          : "When entries close, the hash of all of them stands here, and nobody comes in after it.",
      code: lottery.entries_hash,
    },
    ...(lottery.beacon_source
      ? [
          {
            title: "A chance that is nobody’s",
            text: `${lottery.beacon_source}: a public number nobody knew beforehand, mixed in after the list was written down.`,
            code: lottery.beacon,
          },
        ]
      : []),
    {
      title: "The draw",
      text: `Each entry’s lot is HMAC-SHA256 of its id, the list’s hash${lottery.beacon_source ? " and the number" : ""}, under the promised bytes. The ${lottery.winners === 1 ? "lowest lot" : `lowest ${lottery.winners}`} may buy.`,
      code: null,
    },
  ];

  return (
    <section aria-labelledby="proof" className="wrap grid items-start gap-x-gap gap-y-10 pb-section desk:grid-cols-12">
      <h2 id="proof" className="display text-3xl desk:col-span-4">
        Nobody has to take our word for it
      </h2>
      <div className="desk:col-span-7 desk:col-start-6">
        <ol className="border-t border-line">
          {steps.map(({ title, text, code }) => (
            <li key={title} className="border-b border-line py-5">
              <h3 className="font-medium">{title}</h3>
              <p className="mt-1 max-w-prose text-ink-2">{text}</p>
              {code && <code className="numerals mt-3 block font-sans text-sm break-all text-ink-3">{code}</code>}
            </li>
          ))}
        </ol>
        {lottery.drawn_at && (
          <div className="mt-8">
            <Button look="plain" busy={state.at === "busy"} onClick={() => void run()}>
              Run the draw again
            </Button>
            <div aria-live="polite" className="mt-6">
              {state.at === "lost" && <p className="text-danger">{state.why}</p>}
              {state.at === "ran" && <Outcome {...state} entry={entry} />}
            </div>
            <p className="mt-6 text-sm text-ink-2">
              It runs in your browser, from{" "}
              <a href={`/api/v1/drops/${drop.slug}/draw`} className="underline underline-offset-3">
                what is public
              </a>
              . A few lines of Python do the same.
            </p>
          </div>
        )}
      </div>
    </section>
  );
}

const SHOWN = 5;

function Outcome({
  draw,
  wrong,
  milliseconds,
  entry,
}: {
  draw: Draw;
  wrong: string[];
  milliseconds: number;
  entry: Entry | null;
}) {
  if (wrong.length > 0) {
    return (
      <ul role="alert" className="border-s-2 border-danger ps-5 text-danger">
        {wrong.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    );
  }
  const order = draw.order ?? [];
  const places = order.map((id, index) => ({ id, place: index + 1 }));
  const shown = places.filter(({ id, place }) => place <= SHOWN || id === entry?.id);
  return (
    <>
      <p className="flex items-center gap-2.5 font-medium">
        <Check className="text-success" />
        The same places came out: {order.length} {order.length === 1 ? "lot" : "lots"}, {milliseconds} ms.
      </p>
      <p className="mt-1 text-sm break-all text-ink-3">The bytes were {draw.seed}</p>
      <ol className="numerals mt-4 max-w-prose text-sm">
        {shown.map(({ id, place }) => (
          <li
            key={id}
            className={`flex gap-4 border-t border-line py-2 ${id === entry?.id ? "font-medium text-ink" : "text-ink-2"}`}
          >
            <span className="w-10 flex-none text-end">{place}</span>
            <bdi className="min-w-0 break-all">{id}</bdi>
            {id === entry?.id && <span className="ms-auto flex-none">yours</span>}
          </li>
        ))}
      </ol>
    </>
  );
}
