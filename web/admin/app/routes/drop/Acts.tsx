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
        ? `It becomes public and its rules are fixed. ${drop.units} units are reserved for it from now on, and the seed of the draw is committed.`
        : "It becomes public and its rules are fixed. What it covers is not sold before it opens.",
    },
    postpone: {
      label: "Postpone",
      done: "is postponed",
      kind: "quiet",
      consequence: lottery
        ? "Its page keeps the original date, and everyone who has entered gets an e-mail. It can’t be moved earlier again."
        : "Its page keeps the original date. It can’t be moved earlier again.",
    },
    close: {
      label: lottery ? "Close entries" : "Close",
      done: "is closed",
      kind: "quiet",
      consequence: lottery
        ? "The list of entries becomes final; nobody can enter after that."
        : "No more of it is sold. Held and paid orders stay as they are.",
    },
    draw: {
      label: "Draw",
      done: "is drawn",
      kind: "primary",
      consequence: "The winners are drawn from the committed seed and get an e-mail.",
    },
    end: {
      label: "End",
      done: "has ended",
      kind: "danger",
      consequence: lottery
        ? "Rights to buy that are still open lapse, unsold units go back on general sale, and the entrants’ addresses are erased."
        : "What is left goes on general sale, without a limit.",
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
