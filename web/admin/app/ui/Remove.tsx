import { isProblem } from "@noirel/shared/api/problem";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { errorMessage } from "./error-message";
import { useToast } from "./Toast";

/** Asks before something is taken away for good, and says what follows. `refusal`: why it can't be, when that is known. */
export function Remove({
  name,
  children,
  refusal,
  act,
  back,
}: {
  name: string;
  children: ReactNode;
  refusal?: ReactNode;
  act: () => Promise<void>;
  back: string;
}) {
  const [open, ask] = useState(false);
  const [problem, blame] = useState("");
  const [busy, work] = useState(false);
  const navigate = useNavigate();
  const say = useToast();

  async function go() {
    work(true);
    blame("");
    try {
      await act();
      say(`${name} is deleted`);
      await navigate(back, { replace: true });
    } catch (error) {
      blame(
        isProblem(error) && error.status === 412
          ? "Someone else has changed it. Reload and check again."
          : isProblem(error) && error.code === "still_used"
            ? "It’s no longer empty. Reload to see what’s in it."
            : errorMessage(error),
      );
    } finally {
      work(false);
    }
  }

  return (
    <>
      <Button kind="danger" onClick={() => ask(true)}>
        Delete
      </Button>
      <Dialog
        title={refusal ? `${name} can’t be deleted yet` : `Delete ${name}?`}
        open={open}
        onClose={() => ask(false)}
      >
        <div className="grid gap-2">{refusal ?? children}</div>
        {problem ? (
          <p role="alert" className="pt-3 text-danger">
            {problem}
          </p>
        ) : null}
        <div className="flex justify-end gap-2 pt-5">
          <Button onClick={() => ask(false)}>{refusal ? "Close" : "Keep it"}</Button>
          {refusal ? null : (
            <Button kind="danger" busy={busy} onClick={() => void go()}>
              Delete {name}
            </Button>
          )}
        </div>
      </Dialog>
    </>
  );
}
