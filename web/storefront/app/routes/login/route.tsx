export default function LoginPage() {
  return <h1 className="wrap display text-4xl">Login</h1>;
}
