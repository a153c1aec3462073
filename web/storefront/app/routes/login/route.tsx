import { pageMeta } from "../../seo/meta";
import { SignInGate } from "../../session/sign-in-gate";

export const meta = () =>
  pageMeta({ title: "Sign in", description: "Your orders and addresses.", canonical: null, origin: "" });

export default function LoginPage() {
  return <SignInGate making={false} />;
}
