import { type LoaderFunctionArgs, useLoaderData, useRevalidator } from "react-router";
import { type Boost, type SearchPreview, type Synonym, search } from "../../catalogue";
import { hasPermission } from "../../session/session";
import { errorMessage } from "../../ui/error-message";
import { PageTitle } from "../../ui/Panel";
import { useToast } from "../../ui/Toast";
import { useTitle } from "../../ui/useTitle";
import type { RunAction } from "./action";
import { Boosts } from "./Boosts";
import { Synonyms } from "./Synonyms";
import { Try } from "./Try";

type Loaded = { q: string; found: SearchPreview | null; synonyms: Synonym[]; boosts: Boost[] };

export async function loader({ request: { url, signal } }: LoaderFunctionArgs): Promise<Loaded> {
  const q = new URL(url).searchParams.get("q")?.trim() ?? "";
  const [found, synonyms, boosts] = await Promise.all([
    q ? search.try(q, signal) : null,
    search.synonyms(signal),
    search.boosts(signal),
  ]);
  return { q, found, synonyms, boosts };
}

export function Component() {
  const { q, found, synonyms, boosts } = useLoaderData<Loaded>();
  const reload = useRevalidator();
  const say = useToast();
  useTitle("Search");
  const editable = hasPermission("products.edit");
  const does: RunAction = async (act, done, undo) => {
    try {
      await act();
    } catch (error) {
      return say(errorMessage(error));
    }
    say(done, undo && { label: "Undo", run: () => void does(undo, "Undone.") });
    await reload.revalidate();
  };
  return (
    <>
      <PageTitle>Search</PageTitle>
      <div className="grid items-start gap-4 wide:grid-cols-[minmax(0,1fr)_min(26rem,45%)]">
        <Try q={q} found={found} boosts={boosts} editable={editable} does={does} />
        <div className="grid gap-4">
          <Synonyms synonyms={synonyms} editable={editable} does={does} />
          <Boosts boosts={boosts} editable={editable} does={does} />
        </div>
      </div>
    </>
  );
}
