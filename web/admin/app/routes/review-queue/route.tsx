import { formatMoney } from "@noirel/shared/money";
import { ChevronLeft } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData, useNavigate, useSearchParams } from "react-router";
import { reviewQueue } from "../../api";
import { useKeys } from "../../layout/useKeys";
import type { ReviewAction, ReviewItem, ReviewQueue } from "../../types";
import { Dialog } from "../../ui/Dialog";
import { ListNotice, type Refusals, readList } from "../../ui/listing";
import { Empty, PageTitle, Panel } from "../../ui/Panel";
import { left } from "../../ui/time";
import { useTitle } from "../../ui/useTitle";
import { ViewTabs } from "../../ui/ViewTabs";
import { Confirm, Detail } from "./Detail";
import { kinds } from "./words";

type Loaded = ReviewQueue & { refused?: Refusals };

export async function loader({ request }: LoaderFunctionArgs): Promise<Loaded> {
  const kind = new URL(request.url).searchParams.get("kind") || undefined;
  return readList<Loaded>({ kind }, (query) => reviewQueue.list(query, request.signal), {
    results: [],
    counts: [],
    total: 0,
  });
}

export function Component() {
  // Above the list: a refusal stays in sight when, meanwhile, a colleague has settled the item.
  const [asked, ask] = useState<{ item: ReviewItem; act: ReviewAction; next: string } | null>(null);
  const close = () => ask(null);
  return (
    <>
      <Queue onAct={(item, act, next) => ask({ item, act, next })} />
      <Dialog title={asked ? `${asked.act.label}?` : ""} open={asked !== null} onClose={close}>
        {asked ? <Confirm {...asked} onBack={close} /> : null}
      </Dialog>
    </>
  );
}

/** Items on the left, the nearest deadline first; one of them with its evidence on the right. */
function Queue({ onAct }: { onAct: (item: ReviewItem, act: ReviewAction, next: string) => void }) {
  const loaded = useLoaderData<Loaded>();
  const { results, counts, total } = loaded;
  const [params] = useSearchParams();
  const navigate = useNavigate();
  useTitle("Review queue");
  const kind = params.get("kind");
  const asked = results.find((item) => item.id === params.get("item"));
  const open = asked ?? results[0];
  const href = (item?: ReviewItem) => {
    const next = new URLSearchParams(params);
    next.delete("item");
    if (item) next.set("item", item.id);
    return `/desk?${next}`;
  };
  const step = (by: number) => {
    const next = results[results.indexOf(open as ReviewItem) + by];
    if (next) navigate(href(next), { replace: true, preventScrollReset: true });
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  const list = useRef<HTMLUListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the item that is open is the trigger
  useEffect(() => {
    list.current?.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [open?.id]);

  if (loaded.refused) {
    return (
      <>
        <PageTitle>Desk</PageTitle>
        <Panel>
          <ListNotice list={loaded} />
        </Panel>
      </>
    );
  }
  if (total === 0 || !open) {
    return (
      <>
        <PageTitle>Review queue</PageTitle>
        <Panel>
          <Empty
            action={
              total ? (
                <Link to="/desk" className="underline underline-offset-4">
                  All items
                </Link>
              ) : (
                <p className="max-w-[34em] text-ink-2">
                  Every payment belongs to an order or is on its way back. Anything unmatched will appear here.
                </p>
              )
            }
          >
            {total ? "Nothing here." : "No money needs a decision."}
          </Empty>
        </Panel>
      </>
    );
  }
  return (
    <>
      <PageTitle>Review queue</PageTitle>
      <div className={`pb-3 ${asked ? "max-desk:hidden" : ""}`}>
        <ViewTabs
          views={[
            { to: "/desk", label: `All ${total}`, current: !kind },
            ...counts.map((row) => ({
              to: `/desk?kind=${row.kind}`,
              label: `${kinds[row.kind]} ${row.count}`,
              current: kind === row.kind,
            })),
          ]}
        />
      </div>
      <div className="grid items-start gap-4 desk:grid-cols-[21rem_minmax(0,1fr)]">
        <Panel className={`overflow-hidden ${asked ? "max-desk:hidden" : ""}`}>
          <ul ref={list} aria-label="Items">
            {results.map((item) => (
              <li key={item.id} className="border-line not-first:border-t">
                <Link
                  to={href(item)}
                  preventScrollReset
                  aria-current={item === open ? "true" : undefined}
                  className="grid grid-cols-[1fr_auto] gap-x-3 gap-y-0.5 px-4 py-3 hover:bg-sunk desk:aria-[current]:bg-sunk"
                >
                  <span className="font-medium">{kinds[item.kind]}</span>
                  <span className="text-end">{item.amount ? formatMoney(item.amount) : ""}</span>
                  <span className="truncate text-ink-2">
                    {item.order ? <bdi>{item.order}</bdi> : <span className="font-mono text-xs">{item.subject}</span>}
                  </span>
                  {item.deadline ? <Deadline at={item.deadline} /> : null}
                </Link>
              </li>
            ))}
          </ul>
        </Panel>
        <div className={`min-w-0 ${asked ? "" : "max-desk:hidden"}`}>
          <Link to={href()} className="mb-3 inline-flex min-h-11 items-center gap-1 desk:hidden">
            <ChevronLeft size={16} strokeWidth={1.5} aria-hidden="true" />
            All items
          </Link>
          <Detail
            key={open.id}
            item={open}
            onAct={(act) => onAct(open, act, href(results.find((item) => item !== open)))}
          />
        </div>
      </div>
    </>
  );
}

function Deadline({ at }: { at: string }) {
  const words = left(at);
  return (
    <time dateTime={at} className={`text-end ${words === "overdue" ? "font-medium text-danger" : "text-ink-3"}`}>
      {words}
    </time>
  );
}
