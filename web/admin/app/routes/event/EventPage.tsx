import type { IdempotencyKey } from "@noirel/shared/idempotency";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { PageTitle, Panel } from "../../ui/Panel";
import { useToast } from "../../ui/Toast";
import { useTitle } from "../../ui/useTitle";

type Act = { label: string; says: string; run: (key: IdempotencyKey) => Promise<string> };

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
  act: Act | null;
}) {
  // The action that was asked for: a refusal is still shown when, meanwhile, nothing is left to be done.
  const [asked, ask] = useState<Act | null>(null);
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
            <Button kind="primary" onClick={() => ask(act)}>
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
                <dd className="min-w-0 wrap-anywhere">{fact}</dd>
              </div>
            ))}
          </dl>
        </Panel>
      </div>
      <Dialog title={asked ? `${asked.label}?` : ""} open={asked !== null} onClose={() => ask(null)}>
        {asked ? <Confirm act={asked} onDone={() => ask(null)} /> : null}
      </Dialog>
    </>
  );
}

function Confirm({ act, onDone }: { act: Act; onDone: () => void }) {
  const form = useActionForm();
  const say = useToast();

  const run = () =>
    form.send({
      content: act.label,
      request: act.run,
      done: (says) => {
        say(says);
        onDone();
      },
    });

  return (
    <ActionForm form={form} onSubmit={run} submit={act.label} onBack={onDone}>
      <p className="text-ink-2">{act.says}</p>
    </ActionForm>
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
