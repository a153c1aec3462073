import { pageMeta } from "../../seo/meta";
import { SignInGate } from "../../session/sign-in-gate";

export const meta = () =>
  pageMeta({ title: "Make an account", description: "Your orders in one place.", canonical: null, origin: "" });

export default function RegisterPage() {
  return <SignInGate making />;
}
