import { Dialog } from "../ui/Dialog";
import { mod } from "./mod";

type Key = [keys: string, does: string];
type Place = { to: string; label: string; key: string };

/** All keys there are. Those of a page are listed for whoever may open it; `to` is its section. */
const keysOf = (places: Place[]): { title: string; keys: Key[] }[] => {
  const has = (to: string) => places.some((place) => place.to === to);
  return [
    {
      title: "Everywhere",
      keys: [
        [`${mod()} K`, "Search or run a command"],
        [`${mod()} S`, "Save"],
        ["?", "These keys"],
      ] satisfies Key[],
    },
    {
      title: "In a list",
      keys: [
        ["/", "To the search field"],
        ["j", "Next row"],
        ["k", "Previous row"],
        ["Enter", "Open the row"],
        ...(has("/products")
          ? ([
              ["x", "Choose a product"],
              ["Shift X", "Choose all products up to it"],
            ] satisfies Key[])
          : []),
      ] satisfies Key[],
    },
    {
      title: "On an order",
      keys: has("/orders")
        ? ([
            ["f", "Fulfil"],
            ["r", "Refund"],
          ] satisfies Key[])
        : [],
    },
    { title: "Go to", keys: places.map(({ key, label }): Key => [`g ${key}`, label]) },
  ].filter(({ keys }) => keys.length);
};

/** Which keys there are: those that work everywhere or on one kind of page, and "g" with a letter for each place one may go. */
export function Keys({ open, onClose, places }: { open: boolean; onClose: () => void; places: Place[] }) {
  return (
    <Dialog title="Keyboard shortcuts" open={open} onClose={onClose}>
      <div className="grid gap-4">
        {keysOf(places).map(({ title, keys }) => (
          <section key={title}>
            <h3 className="pb-2 text-xs text-ink-2">{title}</h3>
            <dl className="grid grid-cols-[5.5rem_minmax(0,1fr)] items-baseline gap-x-4 gap-y-2">
              {keys.map(([pressed, does]) => (
                <div key={pressed} className="contents">
                  <dt>
                    {pressed.split(" ").map((key) => (
                      <kbd
                        key={key}
                        className="me-1 inline-block min-w-6 rounded-[4px] border border-line bg-paper px-1.5 text-center font-sans text-xs text-ink-2"
                      >
                        {key}
                      </kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
