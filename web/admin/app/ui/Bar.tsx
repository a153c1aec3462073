/** How far something is; without a share it only says that it goes on. */
export function Bar({ label, share }: { label: string; share: number | null }) {
  return (
    <progress
      aria-label={label}
      {...(share === null ? {} : { value: share })}
      max={1}
      className="h-1.5 w-full appearance-none overflow-hidden rounded-full bg-sunk [&::-moz-progress-bar]:bg-ink [&::-webkit-progress-bar]:bg-sunk [&::-webkit-progress-value]:bg-ink"
    />
  );
}
