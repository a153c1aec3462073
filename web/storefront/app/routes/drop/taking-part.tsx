import { isProblem } from "@noirel/shared/api/problem";
import type { Drop, Entry } from "@noirel/shared/api/types";
import { Button } from "@noirel/shared/ui/button";
import { Field } from "@noirel/shared/ui/field";
import { type FormEvent, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useCart } from "../../cart/cart-context";
import { type DropPhase, durationText, momentOf, timeUntil } from "../../parts/moment";
import { useZones } from "../../parts/zones";
import { useSession } from "../../session/session";
import { drawnWords } from "./drawn";
import { confirmEntry, enterDrop } from "./entry";
import type { Refused } from "./plain.server";

type Props = {
  drop: Drop;
  lottery: NonNullable<Drop["lottery"]>;
  entry: Entry | null;
  standing: DropPhase;
  now: number;
  /** Makes two presses of the same plain form one. */
  formKey: string;
  /** What a plain form was told. */
  refused: Refused | null;
};

/** What one person can do about a lottery now, and what became of their entry. */
export function TakingPart({ drop, lottery, entry: read, standing, now, formKey, refused: before }: Props) {
  const { user } = useSession();
  const { bring } = useCart();
  const zones = useZones();
  const [entry, took] = useState(read);
  const [params] = useSearchParams();
  const [mailed, setMailed] = useState(params.has("mailed") ? "the address you gave" : "");
  const [busy, setBusy] = useState(false);
  const [why, blame] = useState<{ text: string; field: boolean } | null>(before);

  const ask = async (act: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    blame(null);
    try {
      await act();
    } catch (error) {
      if (!isProblem(error)) throw error;
      const field = error.field("email");
      blame({
        text: field ?? (error.status === 0 ? "The shop could not be reached. Try again." : error.detail || error.title),
        field: field !== undefined,
      });
    } finally {
      setBusy(false);
    }
  };

  const enter = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const email = String(new FormData(event.currentTarget).get("email") ?? "").trim();
    if (!user && !/^\S+@\S+\.\S+$/.test(email)) {
      blame({ text: "An address we can write to, like name@example.com.", field: true });
      return;
    }
    void ask(async () => {
      const mine = await enterDrop(drop.slug, user ? "" : email);
      took(mine);
      if (!mine) setMailed(user?.email ?? email);
    });
  };

  const refused = why && !why.field && (
    <p role="alert" className="mt-4 text-sm text-danger">
      {why.text}
    </p>
  );

  if (entry?.state === "unconfirmed" && standing === "open") {
    return (
      <Said title="One press, and you are in." text="Entering is free, and nothing is bought by it.">
        <PlainForm
          intent="confirm"
          slug={drop.slug}
          onSubmit={() => void ask(async () => took(await confirmEntry(drop.slug, entry)))}
        >
          <Button type="submit" busy={busy}>
            Confirm my entry
          </Button>
        </PlainForm>
        {refused}
      </Said>
    );
  }
  if (entry?.state === "won" && entry.claim_by) {
    return (
      <Said
        title="You were drawn."
        text={`Place ${entry.place} of ${lottery.entry_count}. It is set aside for you until ${momentOf(entry.claim_by, zones)}; then it goes to the next in order.`}
      >
        <PlainForm
          intent="claim"
          slug={drop.slug}
          onSubmit={() => void ask(() => bring({ drop: drop.slug, entry: entry.id, token: entry.token }))}
        >
          <Button type="submit" busy={busy}>
            Put it in my bag
          </Button>
        </PlainForm>
        {refused}
      </Said>
    );
  }
  if (entry && entry.state !== "unconfirmed") {
    const text = {
      won: "",
      entered:
        standing === "over"
          ? "Entries have closed, and the draw is on its way. We write to you if you are drawn."
          : `The draw is on ${drop.closes_at ? momentOf(drop.closes_at, zones) : "its day"}. We write to you if you are drawn.`,
      claimed: "Your right to buy was used for an order.",
      lapsed: "Your right to buy was not used in time, and went to the next in order.",
      waiting: `Place ${entry.place} of ${lottery.entry_count}; the first ${lottery.winners} may buy. If somebody ahead of you does not, we write to you.`,
      ended: `Place ${entry.place} of ${lottery.entry_count}; the first ${lottery.winners} could buy.`,
    }[entry.state];
    const title = {
      won: "",
      entered: "You are in.",
      claimed: "It is yours.",
      lapsed: "It has gone on.",
      waiting: "Not this time, so far.",
      ended: "Not this time.",
    }[entry.state];
    return (
      <Said title={title} text={text}>
        <p className="text-sm break-all text-ink-3">
          Your entry is <bdi className="numerals">{entry.id}</bdi>
        </p>
      </Said>
    );
  }
  if (standing === "before") {
    return (
      <Said title={`Entries open ${timeUntil(drop.opens_at, now)}.`} text={`${momentOf(drop.opens_at, zones)}.`} />
    );
  }
  if (standing === "over" || drop.status !== "announced") {
    return lottery.drawn_at && lottery.entry_count !== null ? (
      <Said title="It has been drawn." text={drawnWords(lottery.entry_count, lottery.winners)} />
    ) : (
      <Said title="Entries have closed." text="The draw is on its way." />
    );
  }
  if (mailed) {
    return (
      <Said
        title="One step is left."
        text={`We wrote to ${mailed}. Follow the link in it, and you are in. It may take a minute to arrive.`}
      />
    );
  }
  return (
    <form method="post" action={`/drops/${drop.slug}`} noValidate onSubmit={enter} aria-label="Enter the draw">
      <input type="hidden" name="intent" value="enter" />
      <input type="hidden" name="key" value={formKey} />
      <h2 className="display text-2xl">Enter the draw</h2>
      <p className="mt-3 mb-5 text-ink-2">
        Free, and once for each person. Entries close {drop.closes_at ? momentOf(drop.closes_at, zones) : "soon"}; who
        is drawn may buy within {durationText(lottery.claim_seconds)}.
      </p>
      {user ? (
        <p className="mb-5 text-sm text-ink-2">Signed in as {user.email}.</p>
      ) : (
        <Field
          label="E-mail"
          name="email"
          type="email"
          inputMode="email"
          autoComplete="email"
          enterKeyHint="go"
          defaultValue={before?.email}
          className="mb-5"
          hint="We send one mail to confirm it, and one if you are drawn."
          error={why?.field ? why.text : null}
        />
      )}
      <Button type="submit" busy={busy} className="w-full">
        Enter the draw
      </Button>
      {refused}
      {!user && (
        <p className="mt-4 text-sm text-ink-2">
          With an account?{" "}
          <Link to={`/login?next=/drops/${drop.slug}`} className="underline underline-offset-3">
            Sign in
          </Link>
        </p>
      )}
    </form>
  );
}

/** One button that works as a plain form until a script takes it over. */
function PlainForm({
  intent,
  slug,
  onSubmit,
  children,
}: {
  intent: "confirm" | "claim";
  slug: string;
  onSubmit: () => void;
  children: React.ReactNode;
}) {
  return (
    <form
      method="post"
      action={`/drops/${slug}`}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <input type="hidden" name="intent" value={intent} />
      {children}
    </form>
  );
}

function Said({ title, text, children }: { title: string; text: string; children?: React.ReactNode }) {
  return (
    <div aria-live="polite">
      <h2 className="display text-2xl">{title}</h2>
      <p className="mt-3 max-w-prose text-ink-2">{text}</p>
      {children && <div className="mt-6">{children}</div>}
    </div>
  );
}
