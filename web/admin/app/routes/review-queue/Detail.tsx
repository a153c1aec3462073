import { formatMoney } from "@noirel/shared/money";
import { Link, useNavigate } from "react-router";
import { reviewQueue } from "../../api";
import type { ReviewAction, ReviewItem } from "../../types";
import { ActionForm, textOf, useActionForm } from "../../ui/ActionForm";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { ScrollX } from "../../ui/ScrollX";
import { Status } from "../../ui/Status";
import { useToast } from "../../ui/Toast";
import { head, wrappingCell } from "../../ui/table";
import { decideBy, when } from "../../ui/time";
import { kinds } from "./words";

/** One item: what happened, the evidence side by side, and the acts that settle it, the proposed one first. */
export function Detail({ item, onAct }: { item: ReviewItem; onAct: (act: ReviewAction) => void }) {
  const money = item.amount ? formatMoney(item.amount) : "";
  return (
    <Panel>
      <article aria-labelledby="desk-item">
        <header className="flex flex-wrap items-baseline gap-x-6 gap-y-1 px-4 pt-4">
          <h2 id="desk-item" className="font-display text-2xl leading-none font-light">
            {kinds[item.kind]}
          </h2>
          {money ? <p className="text-lg">{money}</p> : null}
          <p className="ms-auto text-ink-2 max-desk:ms-0">
            {item.deadline ? (
              <time dateTime={item.deadline}>{decideBy(item.deadline)}</time>
            ) : (
              <>Since {when(item.created_at)}</>
            )}
          </p>
        </header>
        <p className="max-w-[44em] px-4 pt-3 text-base wrap-anywhere">{item.happened}</p>
        <p className="px-4 pt-1 pb-5 text-ink-2">
          {item.order ? (
            <>
              Order{" "}
              <Link to={`/orders/${item.order}`} className="underline underline-offset-4">
                <bdi>{item.order}</bdi>
              </Link>
              ,{" "}
            </>
          ) : null}
          <span className="font-mono text-xs break-all">{item.subject}</span>
        </p>

        <section aria-label="What to do" className="border-t border-line bg-sunk px-4 py-4">
          {item.acts.length ? (
            <>
              <p className="max-w-[44em] pb-3 wrap-anywhere">
                <span className="font-medium">{item.why}</span> {item.acts[0]?.says}
              </p>
              <div className="flex flex-wrap gap-2">
                {item.acts.map((act, index) => (
                  <Button key={act.act} wrap kind={index === 0 ? "primary" : "quiet"} onClick={() => onAct(act)}>
                    {act.label}
                  </Button>
                ))}
              </div>
            </>
          ) : (
            <p className="max-w-[44em] wrap-anywhere">{item.why}</p>
          )}
        </section>

        <ScrollX label="Evidence, a table" className="border-t border-line">
          <table className="w-full border-collapse max-desk:block">
            <caption className="sr-only">Evidence: our records beside theirs</caption>
            <thead className="max-desk:sr-only">
              <tr>
                <th scope="col" className={head}>
                  Evidence
                </th>
                <th scope="col" className={head}>
                  Ours
                </th>
                <th scope="col" className={head}>
                  Theirs
                </th>
              </tr>
            </thead>
            <tbody className="max-desk:block">
              {item.evidence.map((fact) => (
                <tr
                  key={fact.name}
                  className="max-desk:grid max-desk:gap-1.5 max-desk:border-t max-desk:border-line max-desk:px-4 max-desk:py-3 max-desk:first:border-t-0"
                >
                  <th
                    scope="row"
                    className={`${row} w-48 text-start align-top font-normal text-ink-2 max-desk:w-auto max-desk:font-medium max-desk:text-ink`}
                  >
                    {fact.name}
                  </th>
                  <td className={wide} data-label="Ours">
                    <span>{fact.asked || <Nothing />}</span>
                  </td>
                  <td className={wide} data-label="Theirs">
                    <span>
                      {fact.told || <Nothing />}
                      {fact.differs ? (
                        <span className="ms-3 font-sans">
                          <Status tone="bad">differs</Status>
                        </span>
                      ) : null}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollX>
      </article>
    </Panel>
  );
}

const row = `${wrappingCell} max-desk:border-0 max-desk:p-0 max-desk:first:ps-0 max-desk:last:pe-0`;
/** On a phone the rows are shown one below the other, and each cell begins with its column’s head. */
const wide = `${row} align-top wrap-anywhere max-desk:grid max-desk:grid-cols-[6.5rem_minmax(0,1fr)] max-desk:gap-3 max-desk:before:text-ink-2 max-desk:before:content-[attr(data-label)]`;

function Nothing() {
  return <span className="text-ink-3">none</span>;
}

/** What is asked with an act: what was answered to a dispute, why something was decided, or nothing in particular. */
function wordsOf({ act, needs_note }: ReviewAction): { label: string; missing: string } {
  if (act === "respond") return { label: "What did you send?", missing: "Enter what you sent; it is kept on record." };
  return { label: needs_note ? "Reason" : "Note", missing: "Enter a reason; it is kept on record." };
}

/** Asks once more before an item is settled, with a note or the reason. */
export function Confirm({
  item,
  act,
  next,
  onBack,
}: {
  item: ReviewItem;
  act: ReviewAction;
  next: string;
  onBack: () => void;
}) {
  const form = useActionForm();
  const navigate = useNavigate();
  const say = useToast();
  const words = wordsOf(act);

  function settle(values: FormData) {
    const body = { act: act.act, note: textOf(values, "note") };
    if (act.needs_note && !body.note) return form.reject({ note: words.missing });
    return form.send({
      content: [item.id, body],
      request: (key) => reviewQueue.resolve(item.id, body, key),
      done: async ({ says }) => {
        say(act.act === "respond" ? "Marked as answered." : says);
        onBack();
        await navigate(next, { replace: true });
      },
    });
  }

  return (
    <ActionForm form={form} onSubmit={settle} submit={act.label} onBack={onBack}>
      <p>
        {act.says}
        <span className="block pt-1 text-ink-2">
          {item.order ? (
            <>
              Order <bdi>{item.order}</bdi>.{" "}
            </>
          ) : null}
          Your name and the evidence are kept on record.
        </span>
      </p>
      <TextField
        label={words.label}
        autoComplete="off"
        maxLength={500}
        hint={act.needs_note ? "Kept on record." : "Optional. Kept on record."}
        {...form.field("note")}
      />
    </ActionForm>
  );
}
