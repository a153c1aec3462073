import { pageMeta } from "../../seo/meta";
import { Door } from "../../session/door";

export const meta = () =>
  pageMeta({ title: "Sign in", description: "Your orders and addresses.", canonical: null, origin: "" });

export default function LoginPage() {
  return <Door making={false} />;
}
