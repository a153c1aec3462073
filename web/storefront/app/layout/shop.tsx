import { Outlet } from "react-router";
import { Announcer } from "./announcer";
import { Footer } from "./footer";
import { Header } from "./header";

export default function ShopLayout() {
  return (
    <>
      <a href="#main" className="skip">
        Skip to content
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <Footer />
      <Announcer />
    </>
  );
}
