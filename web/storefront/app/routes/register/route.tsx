import { pageMeta } from "../../seo/meta";
import { Door } from "../../session/door";

export const meta = () =>
  pageMeta({ title: "Make an account", description: "Your orders in one place.", canonical: null, origin: "" });

export default function RegisterPage() {
  return <Door making />;
}
