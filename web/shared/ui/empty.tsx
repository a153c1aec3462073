import type { ReactNode } from "react";

/** An empty place: one sentence in Imbue, and one way on. */
export function Empty({
  title,
  children,
  as: Heading = "p",
}: {
  title: string;
  children?: ReactNode;
  as?: "p" | "h1" | "h2";
}) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] justify-items-start gap-6 py-12">
      <Heading className="display max-w-full text-2xl">{title}</Heading>
      {children}
    </div>
  );
}
