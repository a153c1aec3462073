import { type DragEvent, useEffect, useRef, useState } from "react";
import { media } from "../../api";
import type { Media } from "../../types";
import { Button } from "../../ui/Button";
import { errorMessage } from "../../ui/error-message";
import { TextArea } from "../../ui/Field";
import { moved } from "../../ui/order";
import { Panel } from "../../ui/Panel";
import { Thumb } from "../../ui/Thumb";
import { Focal } from "./Focal";
import { ACCEPTED, kindOf, type Shown, shownOf } from "./pictures";

/** A file on its way: waiting for its turn, sending (with how far), being looked at, or refused with a reason. */
type Sending = {
  key: string;
  file: File;
  at: "waiting" | "sending" | "looked at" | "refused";
  part: number;
  why: string;
};

const POLL = 1500; // ms between looks at whether renditions are there
const LOOKS = 120; // an import’s picture may be waited for much longer than anybody looks at a page

export function Pictures({
  pictures,
  change,
  editable,
  onBusy,
}: {
  pictures: Shown[];
  change: (how: (before: Shown[]) => Shown[]) => void;
  editable: boolean;
  onBusy: (busy: boolean) => void;
}) {
  const [sending, setSending] = useState<Sending[]>([]);
  const [over, setOver] = useState(false);
  const [told, tell] = useState("");
  const [aimed, aim] = useState<string | null>(null);
  const [dragged, drag] = useState<number | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const turn = useRef(Promise.resolve());

  const waiting = sending.some(({ at }) => at !== "refused");
  useEffect(() => onBusy(waiting), [waiting, onBusy]);
  useRenditions(pictures, change);

  const note = (key: string, news: Partial<Sending>) =>
    setSending((all) => all.map((one) => (one.key === key ? { ...one, ...news } : one)));

  async function send({ key, file }: Sending) {
    const kind = kindOf(file);
    if (!kind) {
      note(key, { at: "refused", why: "Use a JPEG, PNG, WebP, AVIF or GIF picture." });
      return;
    }
    note(key, { at: "sending", part: 0, why: "" });
    try {
      const { id, ticket } = await media.ask(file, kind);
      await media.send(ticket, file, (part) => note(key, { part }));
      note(key, { at: "looked at", part: 1 });
      const asset = await media.confirm(id);
      setSending((all) => all.filter((one) => one.key !== key));
      change((before) => (before.some((one) => one.id === asset.id) ? before : [...before, shownOf(asset)]));
      tell(`${file.name} is added. Write its alt text, then save.`);
    } catch (error) {
      note(key, { at: "refused", why: errorMessage(error) });
      tell(`${file.name} was refused. ${errorMessage(error)}`);
    }
  }

  // One after the other: a hundred files at once would share the line, and none would be done.
  const inTurn = (one: Sending) => {
    turn.current = turn.current.then(() => send(one));
  };
  function add(files: Iterable<File>) {
    const fresh = [...files].map(
      (file): Sending => ({ key: crypto.randomUUID(), file, at: "waiting", part: 0, why: "" }),
    );
    setSending((all) => [...all, ...fresh]);
    fresh.forEach(inTurn);
  }

  function move(from: number, to: number) {
    const one = pictures[from];
    if (!one || to < 0 || to >= pictures.length || from === to) return;
    change((before) => moved(before, from, to));
    tell(`${one.alt || "The picture"} is number ${to + 1} of ${pictures.length}.`);
  }

  function remove(id: string, at: number) {
    change((before) => before.filter((one) => one.id !== id));
    tell("Picture removed. Save to apply.");
    // The button that had the focus goes with its picture.
    requestAnimationFrame(() => {
      const left = list.current?.querySelectorAll<HTMLElement>("[data-remove]");
      (left?.[Math.min(at, left.length - 1)] ?? picker.current)?.focus();
    });
  }

  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (editable && event.dataTransfer.files.length) add(event.dataTransfer.files);
  };

  return (
    <Panel title="Pictures" aside={pictures.length > 1 ? "The first is on the card" : null}>
      <section
        aria-label="Pictures of the product"
        className="border-t border-line p-4"
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes("Files")) return;
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={dropped}
      >
        <ol ref={list} className="grid gap-4">
          {pictures.map(({ id, alt, focal, picture }, at) => {
            const name = alt || `picture ${at + 1}`;
            return (
              <li
                key={id}
                draggable={editable}
                onDragStart={(event) => {
                  event.dataTransfer.setData("text/plain", id);
                  drag(at);
                }}
                onDragEnd={() => drag(null)}
                onDragOver={(event) => dragged !== null && event.preventDefault()}
                onDrop={(event) => {
                  if (dragged === null) return;
                  event.preventDefault();
                  event.stopPropagation();
                  move(dragged, at);
                  drag(null);
                }}
                className={`grid grid-cols-[4.5rem_minmax(0,1fr)] gap-3 ${dragged === at ? "opacity-50" : ""}`}
              >
                <Thumb picture={{ ...picture, focal }} className="w-full" />
                <div className="grid content-start gap-1.5">
                  <TextArea
                    label="Alt text"
                    rows={2}
                    value={alt}
                    maxLength={400}
                    disabled={!editable}
                    hint={alt ? undefined : "Describes the picture for screen readers and search engines."}
                    onChange={({ target }) =>
                      change((before) => before.map((one) => (one.id === id ? { ...one, alt: target.value } : one)))
                    }
                  />
                  <State picture={picture} />
                  {editable ? (
                    <div className="flex flex-wrap gap-1.5">
                      <Button
                        className="px-2!"
                        disabled={at === 0}
                        aria-label={`Move ${name} earlier`}
                        onClick={() => move(at, at - 1)}
                      >
                        ↑
                      </Button>
                      <Button
                        className="px-2!"
                        disabled={at === pictures.length - 1}
                        aria-label={`Move ${name} later`}
                        onClick={() => move(at, at + 1)}
                      >
                        ↓
                      </Button>
                      {picture.renditions.length ? (
                        <Button className="px-2!" aria-label={`Focal point of ${name}`} onClick={() => aim(id)}>
                          Focus
                        </Button>
                      ) : null}
                      <Button
                        data-remove
                        className="px-2!"
                        aria-label={`Remove ${name}`}
                        onClick={() => remove(id, at)}
                      >
                        Remove
                      </Button>
                    </div>
                  ) : null}
                </div>
              </li>
            );
          })}
        </ol>
        {sending.length ? (
          <ul className={`grid gap-3 ${pictures.length ? "pt-4" : ""}`} aria-label="Uploads">
            {sending.map((one) => (
              <li key={one.key} className="grid gap-1">
                <span className="truncate">{one.file.name}</span>
                {one.at === "refused" ? (
                  <>
                    <p className="text-danger">{one.why}</p>
                    <div className="flex flex-wrap gap-1.5">
                      <Button aria-label={`Send ${one.file.name} again`} onClick={() => inTurn(one)}>
                        Try again
                      </Button>
                      <Button
                        aria-label={`Remove ${one.file.name}`}
                        onClick={() => setSending((all) => all.filter(({ key }) => key !== one.key))}
                      >
                        Remove
                      </Button>
                    </div>
                  </>
                ) : (
                  <span className="flex items-center gap-2 text-xs text-ink-2">
                    <progress
                      aria-label={`${one.file.name}, sent`}
                      className="h-1.5 w-full min-w-0 accent-ink"
                      max={1}
                      value={one.part}
                    />
                    {one.at === "looked at"
                      ? "Checking"
                      : one.at === "waiting"
                        ? "Waiting"
                        : `${Math.round(one.part * 100)} %`}
                  </span>
                )}
              </li>
            ))}
          </ul>
        ) : null}
        {pictures.length || sending.length ? null : <p className="text-ink-2">No pictures yet.</p>}
        {editable ? (
          <div
            className={`mt-4 grid justify-items-center gap-2 rounded-admin border border-dashed p-4 text-center ${
              over ? "border-ink bg-paper" : "border-rule"
            }`}
          >
            <p className="text-ink-2 max-desk:hidden">{over ? "Drop to add them" : "Drop pictures here, or"}</p>
            <label className="relative inline-flex h-8.5 cursor-pointer items-center rounded-admin border border-line bg-raised px-3 font-medium focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-ink hover:border-rule max-desk:min-h-11">
              Choose pictures
              <input
                ref={picker}
                type="file"
                multiple
                accept={ACCEPTED}
                className="sr-only"
                onChange={({ target }) => {
                  add(target.files ?? []);
                  target.value = ""; // so that the same file can be chosen again
                }}
              />
            </label>
            <p className="text-xs text-ink-2">
              JPEG, PNG, WebP, AVIF or GIF, up to 20 MB. Location and date are removed.
            </p>
          </div>
        ) : null}
        <p role="status" className="sr-only">
          {told}
        </p>
        <Focal
          shown={pictures.find(({ id }) => id === aimed) ?? null}
          onClose={() => aim(null)}
          onSet={(focal) => {
            change((before) => before.map((one) => (one.id === aimed ? { ...one, focal } : one)));
            aim(null);
          }}
        />
      </section>
    </Panel>
  );
}

function State({ picture }: { picture: Shown["picture"] }) {
  if (picture.renditions.length) return null;
  const problem = "problem" in picture ? picture.problem : "";
  return problem ? (
    <p className="text-danger">{problem} Send it again.</p>
  ) : (
    <p className="text-xs text-ink-2">Being prepared for the shop…</p>
  );
}

/** Looks every moment whether what was sent is ready, as long as something isn't. */
function useRenditions(pictures: Shown[], change: (how: (before: Shown[]) => Shown[]) => void) {
  const unready = pictures
    .filter(({ picture }) => !picture.renditions.length && !("problem" in picture && picture.problem))
    .map(({ id }) => id)
    .join(" ");
  useEffect(() => {
    if (!unready) return;
    const stop = new AbortController();
    const look = async () => {
      const found = await Promise.allSettled(unready.split(" ").map((id) => media.get(id, stop.signal)));
      if (stop.signal.aborted) return;
      const news = new Map<string, Media>();
      for (const one of found)
        if (one.status === "fulfilled" && one.value.status !== "waiting") news.set(one.value.id, one.value);
      // The words in the form are not the server's yet: they stay, and so does what they are compared with.
      if (news.size)
        change((before) =>
          before.map((one) => {
            const asset = news.get(one.id);
            return asset ? { ...one, picture: { ...asset, alt: one.picture.alt, focal: one.picture.focal } } : one;
          }),
        );
    };
    let looks = 0;
    const timer = setInterval(() => {
      looks += 1;
      if (looks > LOOKS) clearInterval(timer);
      else void look();
    }, POLL);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [unready, change]);
}
