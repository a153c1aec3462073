import { Dialog } from "../ui/Dialog";

const EVERYWHERE: [string, string][] = [
  ["⌘ K", "Search or run a command"],
  ["/", "To the search field of a list"],
  ["⌘ S", "Save"],
  ["?", "These keys"],
];

/** Which keys there are: those that work everywhere, and "g" with a letter for each place one may go. */
export function Keys({
  open,
  onClose,
  places,
}: {
  open: boolean;
  onClose: () => void;
  places: { to: string; label: string; key: string }[];
}) {
  const told: [string, string][] = [
    ...EVERYWHERE,
    ...places.map(({ key, label }): [string, string] => [`g ${key}`, label]),
  ];
  return (
    <Dialog title="Keys" open={open} onClose={onClose}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-4 gap-y-2">
        {told.map(([keys, does]) => (
          <div key={keys} className="contents">
            <dt>
              {keys.split(" ").map((key) => (
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
    </Dialog>
  );
}
