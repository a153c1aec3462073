import type { Import } from "../../types";
import { Panel } from "../../ui/Panel";
import { ScrollX } from "../../ui/ScrollX";
import { cell, head } from "../../ui/table";

type Column = Import["columns"][number];

/** What the column is to us, in words. */
export function meaning({ header, meaning: means, name }: Column): string {
  switch (means) {
    case "known":
      return name.toLowerCase() === header.toLowerCase() ? "Recognised" : `Read as ${name}`;
    case "kept":
      return "Passed through to exports";
    case "attribute":
      return `Attribute ${name}`;
    case "own":
      return "Recognised";
    case "repeated":
      return "Ignored: another column has the same field";
    default:
      return "Ignored: not recognised";
  }
}

const isLost = ({ meaning: means }: Column) => means === "unknown" || means === "repeated";

/** Each column with what it is taken for and what stands in its first rows. */
export function Columns({ job }: { job: Import }) {
  const told = job.columns
    .map((column, at) => ({ column, at }))
    .filter(({ column }) => column.meaning !== "blank")
    .sort((one, other) => Number(isLost(other.column)) - Number(isLost(one.column)) || one.at - other.at);
  return (
    <Panel title="Columns" aside={`${told.length}`}>
      <ScrollX label="Columns, a table">
        <table className="w-full border-collapse">
          <thead>
            <tr>
              <th scope="col" className={head}>
                In the file
              </th>
              <th scope="col" className={head}>
                Here
              </th>
              <th scope="col" className={`${head} max-desk:hidden`}>
                First value
              </th>
            </tr>
          </thead>
          <tbody>
            {told.map(({ column, at }) => (
              <tr key={at}>
                <th
                  scope="row"
                  className={`${cell} max-w-72 truncate text-start max-desk:max-w-44 font-medium`}
                  title={column.header}
                >
                  {column.header}
                </th>
                <td className={`${cell} whitespace-normal ${isLost(column) ? "text-danger" : "text-ink-2"}`}>
                  {meaning(column)}
                </td>
                <td className={`${cell} max-w-64 truncate text-ink-2 max-desk:hidden`}>
                  {job.preview.map((row) => row[at]).find((value) => value?.trim()) ?? ""}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
    </Panel>
  );
}
