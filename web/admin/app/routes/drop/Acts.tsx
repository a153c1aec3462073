import { useState } from "react";
import { type DropAct, drops } from "../../api";
import type { AdminDrop } from "../../types";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { TextField } from "../../ui/Field";
import { useToast } from "../../ui/Toast";
import { Postpone } from "./Postpone";

type Words = { label: string; done: string; consequence: string; kind: "primary" | "quiet" | "danger" };

function wordsOf(drop: AdminDrop): Record<DropAct, Words> {
  const lottery = drop.mode === "lottery";
  return {
    announce: {
      label: "Announce",
      done: "is announced",
      kind: "primary",
      consequence: lottery
        ? `Everybody can read it, and its rules stand. ${drop.units} units are held back from now on, and a seed is committed to.`
        : "Everybody can read it, and its rules stand. What it covers is not sold before it opens.",
    },
    postpone: {
      label: "Postpone",
      done: "is postponed",
      kind: "quiet",
      consequence: lottery
        ? "Its page says what was announced before, and everybody who has entered is told by mail. It can’t be moved back."
        : "Its page says what was announced before. It can’t be moved back.",
    },
    close: {
      label: lottery ? "Close entries" : "Close",
      done: "is closed",
      kind: "quiet",
      consequence: lottery
        ? "The list of entries is written down; nobody comes in after it."
        : "Nothing more of it is sold. What is held and paid stays as it is.",
    },
    draw: {
      label: "Draw",
      done: "is drawn",
      kind: "primary",
      consequence: "The places are drawn from the seed that was committed to, and the winners are written to.",
    },
    end: {
      label: "End",
      done: "has ended",
      kind: "danger",
      consequence: lottery
        ? "Rights that are still open lapse, units nobody bought go to the ordinary shelf, and entries lose their addresses."
        : "What is left goes to the ordinary shelf, without a limit.",
    },
  };
}

/** The steps a drop can take now, each with what follows from it before it is taken. */
export function Acts({ drop, etag }: { drop: AdminDrop; etag: string }) {
  const [asked, ask] = useState<DropAct | null>(null);
  const words = wordsOf(drop);
  const acts = drop.acts.filter((act): act is DropAct => act !== "edit");
  return (
    <>
      {acts.map((act) => (
        <Button key={act} kind={words[act].kind} onClick={() => ask(act)}>
          {words[act].label}
        </Button>
      ))}
      <Dialog title={asked ? `${words[asked].label} ${drop.name}` : ""} open={asked !== null} onClose={() => ask(null)}>
        {asked === "postpone" ? (
          <Postpone drop={drop} etag={etag} consequence={words.postpone.consequence} onDone={() => ask(null)} />
        ) : asked ? (
          <Step drop={drop} etag={etag} act={asked} words={words[asked]} onDone={() => ask(null)} />
        ) : null}
      </Dialog>
    </>
  );
}

type StepProps = { drop: AdminDrop; etag: string; act: DropAct; words: Words; onDone: () => void };

function Step({ drop, etag, act, words, onDone }: StepProps) {
  const [beacon, setBeacon] = useState("");
  const form = useActionForm();
  const say = useToast();
  const source = act === "draw" ? drop.beacon_source : "";

  function take() {
    const body = source ? { beacon: beacon.trim() } : {};
    return form.send({
      content: [act, body, etag],
      request: (key) => drops.act(drop.slug, act, body, etag, key),
      done: () => {
        say(`${drop.name} ${words.done}`);
        onDone();
      },
    });
  }

  return (
    <ActionForm
      form={form}
      onSubmit={take}
      submit={`${words.label} ${drop.name}`}
      kind={words.kind === "quiet" ? "primary" : words.kind}
      back="Not now"
      onBack={onDone}
    >
      <p className="text-ink-2">{words.consequence}</p>
      {source ? (
        <TextField
          label={`The value of ${source}`}
          value={beacon}
          onChange={({ target }) => setBeacon(target.value)}
          autoComplete="off"
          spellCheck={false}
          className="font-mono"
          {...form.field("beacon")}
        />
      ) : null}
    </ActionForm>
  );
}
