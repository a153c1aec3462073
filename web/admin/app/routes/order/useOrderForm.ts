import { orders } from "../../api";
import type { AdminOrder } from "../../types";
import { useActionForm } from "../../ui/ActionForm";
import { useToast } from "../../ui/Toast";
import { lineField } from "./actions";

/** A form that does something with an order: `act` says what was done in a toast and closes the dialog. */
export function useOrderForm({ order, onClose }: { order: AdminOrder; onClose: () => void }) {
  const form = useActionForm();
  const say = useToast();
  const act = (verb: Parameters<typeof orders.act>[1], body: object, done: string) =>
    form.send({
      content: [verb, body],
      request: (key) => orders.act(order.number, verb, body, key),
      fieldOf: lineField(body),
      done: () => {
        say(done);
        onClose();
      },
    });
  return { form, act };
}
