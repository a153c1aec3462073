import { type IdempotencyKey, useIdempotencyKeys } from "@noirel/shared/idempotency";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { PageTitle, Panel } from "../../ui/Panel";
import { useToast } from "../../ui/Toast";
import { useAct } from "../../ui/useAct";
import { useTitle } from "../../ui/useTitle";

/** One event: what is known of it, its content word for word, and the one thing that can be done with it. */
export function EventPage({
  name,
  back,
  facts,
  content,
  act,
}: {
  name: string;
  back: string;
  facts: [string, ReactNode][];
  content: { title: string; text: string };
  /** null: nothing is left to be done. Answers with what to say. */
  act: { label: string; says: string; run: (key: IdempotencyKey) => Promise<string> } | null;
}) {
  const [open, ask] = useState(false);
  useTitle(name);
  return (
    <>
      <nav aria-label="Breadcrumb" className="pt-1 text-ink-3">
        <Link to={back} className="inline-flex min-h-6 items-center underline-offset-4 hover:underline">
          Events
        </Link>
      </nav>
      <PageTitle
        aside={
          act ? (
            <Button kind="primary" onClick={() => ask(true)}>
              {act.label}
            </Button>
          ) : null
        }
      >
        {name}
      </PageTitle>
      <div className="grid items-start gap-4 wide:grid-cols-[minmax(0,1fr)_min(26rem,45%)]">
        <Panel title={content.title} className="max-wide:order-2">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
          <pre tabIndex={0} className="max-h-[70svh] overflow-auto border-t border-line px-4 py-3 font-mono text-xs">
            {content.text}
          </pre>
        </Panel>
        <Panel>
          <dl className="grid gap-2 px-4 py-3">
            {facts.map(([term, fact]) => (
              <div key={term} className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-3">
                <dt className="text-ink-2">{term}</dt>
                <dd className="break-words">{fact}</dd>
              </div>
            ))}
          </dl>
        </Panel>
      </div>
      {act ? (
        <Dialog title={`${act.label}?`} open={open} onClose={() => ask(false)}>
          <Confirm act={act} onDone={() => ask(false)} />
        </Dialog>
      ) : null}
    </>
  );
}

function Confirm({
  act,
  onDone,
}: {
  act: { label: string; says: string; run: (key: IdempotencyKey) => Promise<string> };
  onDone: () => void;
}) {
  const { busy, problem, take } = useAct();
  const keys = useIdempotencyKeys();
  const say = useToast();

  async function run() {
    say(await keys.send(act.label, act.run));
    onDone();
  }

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void take(run);
      }}
    >
      <p className="text-ink-2">{act.says}</p>
      <p aria-live="polite" className="text-danger empty:hidden">
        {problem}
      </p>
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Back</Button>
        <Button kind="primary" type="submit" busy={busy}>
          {act.label}
        </Button>
      </div>
    </form>
  );
}

/** JSON as a person reads it; anything else as it came. */
export function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
