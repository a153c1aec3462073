import { Picture } from "@noirel/shared/ui/picture";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Form, useFetcher, useNavigate } from "react-router";
import type { loader } from "./suggest";

/** Pause in typing before we ask, in milliseconds. */
const PAUSE = 150;
/** Letters that are enough to suggest something. */
const LEAST = 2;

/** The search field with its suggestions: the combobox of the ARIA authoring practices, a plain GET form without JavaScript. */
export function SearchField({ q }: { q: string }) {
  const id = useId();
  const navigate = useNavigate();
  const fetcher = useFetcher<typeof loader>();
  const [text, setText] = useState(q);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(q), [q]);
  useEffect(() => () => clearTimeout(timer.current), []);
  // Other suggestions: what was pointed at may not be there any more.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answer is the trigger.
  useEffect(() => setActive(-1), [fetcher.data]);

  const suggestions = text.trim().length < LEAST ? undefined : fetcher.data;
  const options = suggestions
    ? [
        ...suggestions.help.map(({ to, title, text }) => ({
          key: to,
          to,
          name: title,
          detail: `Help. ${text}`,
          image: null,
        })),
        ...suggestions.products.map(({ slug, name, subtitle, image }) => ({
          key: `p/${slug}`,
          to: `/p/${slug}`,
          name,
          detail: subtitle,
          image,
        })),
        ...suggestions.categories.map(({ slug, name }) => ({
          key: `c/${slug}`,
          to: `/c/${slug}`,
          name,
          detail: "Category",
          image: null,
        })),
        ...suggestions.queries.map((query) => ({
          key: `q/${query}`,
          to: `/search?q=${encodeURIComponent(query)}`,
          name: query,
          detail: "",
          image: null,
        })),
      ]
    : [];
  const shown = open && options.length > 0;

  const ask = (value: string) => {
    setText(value);
    setActive(-1);
    setOpen(true);
    clearTimeout(timer.current);
    const q = value.trim();
    if (q.length >= LEAST) {
      timer.current = setTimeout(() => fetcher.load(`/search/suggest?q=${encodeURIComponent(q)}`), PAUSE);
    }
  };
  const close = () => {
    clearTimeout(timer.current);
    setOpen(false);
    setActive(-1);
  };
  const take = (to: string) => {
    close();
    navigate(to);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const last = options.length - 1;
    const move = (to: number) => {
      event.preventDefault();
      setOpen(true);
      setActive(to);
      document.getElementById(`${id}-${to}`)?.scrollIntoView({ block: "nearest" });
    };
    if (event.key === "ArrowDown" && last >= 0) move(active >= last ? 0 : active + 1);
    else if (event.key === "ArrowUp" && last >= 0) move(active <= 0 ? last : active - 1);
    else if (event.key === "Home" && shown && active >= 0) move(0);
    else if (event.key === "End" && shown && active >= 0) move(last);
    else if (event.key === "Escape" && shown) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && shown && options[active]) {
      event.preventDefault();
      take(options[active].to);
    }
  };

  return (
    <search className="relative block">
      <Form
        method="get"
        action="/search"
        onSubmit={close}
        className="flex items-end gap-6 border-b border-rule focus-within:border-ink"
      >
        <label className="min-w-0 flex-1">
          <span className="sr-only">Search the house</span>
          <input
            type="search"
            name="q"
            value={text}
            onChange={({ target }) => ask(target.value)}
            onKeyDown={onKeyDown}
            onBlur={close}
            autoComplete="off"
            spellCheck={false}
            enterKeyHint="search"
            role="combobox"
            aria-expanded={shown}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
            className="display w-full bg-transparent pb-2 text-3xl focus-visible:shadow-none focus-visible:outline-none [&::-webkit-search-cancel-button]:hidden"
          />
        </label>
        <button type="submit" className="mb-3 min-h-11 shrink-0 text-[0.9375rem]">
          <span className="link">Search</span>
        </button>
      </Form>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Suggestions"
        hidden={!shown}
        className="absolute inset-x-0 top-full z-10 max-h-[60svh] overflow-y-auto border border-t-0 border-line bg-raised py-2"
      >
        {options.map(({ key, to, name, detail, image }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the field, and takes an option by Enter.
          <div
            key={key}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            // The field keeps the focus; a finger that scrolls the list chooses nothing.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(to)}
            className="flex min-h-14 cursor-pointer items-center gap-4 px-4 hover:bg-sunk aria-selected:bg-sunk"
          >
            {image && (
              <span className="block h-11 w-9 shrink-0">
                <Picture picture={image} sizes="36px" alt="" className="size-full object-cover" />
              </span>
            )}
            <span className="min-w-0 break-words">
              <span className="display block text-[1.25rem] leading-tight">{name}</span>
              {detail && <span className="block text-sm text-ink-2">{detail}</span>}
            </span>
          </div>
        ))}
      </div>
      <div aria-live="polite" className="sr-only">
        {shown ? `${options.length} ${options.length === 1 ? "suggestion" : "suggestions"}` : ""}
      </div>
    </search>
  );
}
