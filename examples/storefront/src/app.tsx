import { ErrorBoundary, lazy, LocationProvider, Route, Router, useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";

import { t } from "./i18n.ts";
import { Browse } from "./pages/browse.tsx";
import { JournalPage, PostPage } from "./pages/journal.tsx";
import { Home } from "./pages/home.tsx";
import { NotFound } from "./pages/not-found.tsx";
import { ProductPage } from "./pages/product.tsx";
import { begin } from "./shop.ts";
import { Footer } from "./ui/footer.tsx";
import { Header } from "./ui/header.tsx";
import { Announcement } from "./ui/announce.tsx";

// What is looked at first comes at once; the rest when somebody goes there.
const CartPage = lazy(async () => (await import("./pages/cart.tsx")).CartPage);
const CheckoutPage = lazy(async () => (await import("./pages/checkout.tsx")).CheckoutPage);
const OrderPage = lazy(async () => (await import("./pages/order.tsx")).OrderPage);
const AccountPage = lazy(async () => (await import("./pages/account.tsx")).AccountPage);
const SignInPage = lazy(async () => (await import("./pages/sign-in.tsx")).SignInPage);
const LinkPage = lazy(async () => (await import("./pages/mail-links.tsx")).LinkPage);
const ContactPage = lazy(async () => (await import("./pages/contact.tsx")).ContactPage);

// Links to the server's own pages leave the application.
const OURS = /^\/(?!api\/|docs|dev\/|admin|media\/)/;

export function App() {
  useEffect(() => void begin(), []);
  return (
    <LocationProvider scope={OURS}>
      <a class="skip" href="#content">
        {t("skip")}
      </a>
      <Header />
      <main id="content" tabIndex={-1}>
        <ErrorBoundary onError={(error) => console.error(error)}>
          <Pages />
        </ErrorBoundary>
      </main>
      <Footer />
      <Announcement />
    </LocationProvider>
  );
}

function Pages() {
  const { path } = useLocation();
  useEffect(() => window.scrollTo(0, 0), [path]);
  return (
    <Router>
      <Route path="/" component={Home} />
      <Route path="/products" component={Browse} />
      <Route path="/categories/:category" component={Browse} />
      <Route path="/products/:slug" component={ProductPage} />
      <Route path="/cart" component={CartPage} />
      <Route path="/cart/restore" component={LinkPage} kind="cart" />
      <Route path="/checkout" component={CheckoutPage} />
      <Route path="/orders/:number" component={OrderPage} />
      <Route path="/account/*" component={AccountPage} />
      <Route path="/account" component={AccountPage} />
      <Route path="/login" component={SignInPage} />
      <Route path="/forgot-password" component={LinkPage} kind="forgot" />
      <Route path="/reset-password" component={LinkPage} kind="reset" />
      <Route path="/verify-email" component={LinkPage} kind="verify" />
      <Route path="/confirm-email" component={LinkPage} kind="email" />
      <Route path="/blog" component={JournalPage} />
      <Route path="/blog/:slug" component={PostPage} />
      <Route path="/contact" component={ContactPage} />
      <Route default component={NotFound} />
    </Router>
  );
}
