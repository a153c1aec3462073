export default function RegisterPage() {
  return <h1 className="wrap display text-4xl">Register</h1>;
}
