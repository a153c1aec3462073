/* The payment window: one form, the bank's page, the wait. It speaks with the page that opened it by messages
   (to that page's origin alone), or, hosted, comes back to it with a form. */

const $ = (id) => document.getElementById(id);
const METHODS = ["card", "upi", "netbanking", "wallet"];
const SECTIONS = ["choose", "bank-page", "wait", "end", "sure"];

const hosted = JSON.parse(document.body.dataset.options || "{}");
const opener = new URLSearchParams(location.search).get("origin");
let options = {};
let session = null;
let running = null; // the id of the payment the bank has not answered
let shown = "choose";
let busy = false;

// ---- talking with the page

function tell(message) {
  if (opener) window.parent.postMessage(message, opener);
}

function leave(reason) {
  if (!hosted.hosted) return tell({ type: "dismissed", reason });
  if (options.cancel_url) location.assign(options.cancel_url);
}

function submit(url, fields) {
  const form = document.createElement("form");
  form.method = "POST";
  form.action = url;
  for (const [name, value] of Object.entries(fields)) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value: value ?? "" });
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

function succeed(response) {
  if (hosted.hosted) submit(options.callback_url, response);
  else tell({ type: "success", response });
}

function fail(error) {
  running = null;
  if (hosted.hosted) {
    const text = (value) => (typeof value === "object" ? JSON.stringify(value) : value);
    submit(options.callback_url, Object.fromEntries(Object.entries(error).map(([k, v]) => [`error[${k}]`, text(v)])));
    return;
  }
  tell({ type: "failed", error });
  if (options.retry === false || options.retry?.enabled === false) {
    leave("failed");
    return;
  }
  show("choose");
  notice(error.description);
}

class Unreachable extends Error {}

async function ask(path, body) {
  try {
    const answer = await fetch(`/v1/checkout/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ key: options.key, order_id: options.order_id, ...body }),
    });
    return await answer.json();
  } catch (error) {
    throw new Unreachable("no answer from the gateway", { cause: error });
  }
}

// ---- showing

function show(section) {
  shown = section;
  for (const id of SECTIONS) $(id).hidden = id !== section;
  notice("");
  if (section === "choose") $(`tab-${method()}`).focus();
  else $(`${section === "bank-page" ? "bank" : section}-title`).focus();
}

function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

function end(title, text) {
  $("end-title").textContent = title;
  $("end-told").textContent = text;
  show("end");
}

function work(on) {
  busy = on;
  for (const button of document.querySelectorAll(".pay, .plain, [data-back]")) {
    if (on) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

/* Run one step at a time; an answer that does not come is a message, not a silent window. */
async function step(run) {
  if (busy) return;
  work(true);
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    notice("We could not reach the bank. Check your connection and try again.");
  } finally {
    work(false);
  }
}

function money(amount) {
  const whole = amount % 10 ** session.exponent === 0;
  return new Intl.NumberFormat("en-IN", {
    style: "currency",
    currency: session.currency,
    minimumFractionDigits: whole ? 0 : session.exponent,
    maximumFractionDigits: session.exponent,
  }).format(amount / 10 ** session.exponent);
}

function colour(hex) {
  if (!/^#[0-9a-f]{6}$/i.test(hex || "")) return;
  const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  document.documentElement.style.setProperty("--theme", hex);
  document.documentElement.style.setProperty("--on-theme", light > 0.36 ? "#1d1b19" : "#ffffff");
}

// ---- methods

function method() {
  return METHODS.find((name) => $(`tab-${name}`).getAttribute("aria-selected") === "true") ?? "card";
}

function choose(name, focus = false) {
  for (const each of METHODS) {
    const on = each === name;
    $(`tab-${each}`).setAttribute("aria-selected", String(on));
    $(`tab-${each}`).tabIndex = on ? 0 : -1;
    $(`panel-${each}`).hidden = !on;
  }
  if (focus) $(`tab-${name}`).focus();
}

function wrong(id, text) {
  $(`${id}-error`).textContent = text;
  $(id).setAttribute("aria-invalid", String(Boolean(text)));
  return text ? id : null;
}

function expiryError(text) {
  const found = /^(\d{2})\s*\/?\s*(\d{2})$/.exec(text.trim());
  if (!found || found[1] < "01" || found[1] > "12") return "Enter month and year, like 09 / 29.";
  const ends = new Date(2000 + Number(found[2]), Number(found[1]), 1);
  return ends <= new Date() ? "This card has expired." : "";
}

function checkCard() {
  const digits = $("number").value.replaceAll(/\D/g, "");
  return [
    wrong("number", digits.length < 12 ? "Enter the card number." : ""),
    wrong("expiry", expiryError($("expiry").value)),
    wrong("cvv", /^\d{3,4}$/.test($("cvv").value) ? "" : "Enter 3 or 4 digits."),
  ];
}

const CHECKS = {
  card: checkCard,
  upi: () => [wrong("vpa", /^[^\s@]+@[^\s@]+$/.test($("vpa").value.trim()) ? "" : "Enter a UPI ID like name@bank.")],
  netbanking: () => [wrong("bank", $("bank").value ? "" : "Choose a bank.")],
  wallet: () => [wrong("wallet", $("wallet").value ? "" : "Choose a wallet.")],
};

async function pay(name) {
  notice("");
  const bad = CHECKS[name]().find(Boolean);
  if (bad) return $(bad).focus();
  const value = (id) => $(id).value;
  const sent = {
    method: name,
    description: options.description,
    notes: options.notes,
    email: options.prefill?.email,
    contact: options.prefill?.contact,
    ...(name === "card" && { number: value("number"), name: value("name") }),
    ...(name === "upi" && { vpa: value("vpa") }),
    ...(name === "netbanking" && { bank: value("bank") }),
    ...(name === "wallet" && { wallet: value("wallet") }),
  };
  const begun = await ask("payments", sent);
  if (begun.error) {
    const field = begun.error.field;
    if (field && $(`${field}-error`)) {
      wrong(field, begun.error.description);
      $(field).focus();
    } else notice(begun.error.description);
    return;
  }
  running = begun.payment_id;
  if (begun.next === "wait") {
    $("wait-told").textContent = `Approve ${money(session.amount)} for ${value("vpa").trim()}.`;
    show("wait");
    watch(running);
    return;
  }
  const last = value("number").replaceAll(/\D/g, "").slice(-4);
  $("otp-form").hidden = name !== "card";
  document.querySelector(".or").hidden = name !== "card";
  $("otp").value = "";
  $("bank-told").textContent =
    name === "card"
      ? `${money(session.amount)} with the card ending in ${last}. This page stands in for your bank.`
      : `${money(session.amount)} with ${$(name === "netbanking" ? "bank" : "wallet").selectedOptions[0].text}. This page stands in for theirs.`;
  show("bank-page");
}

function settle(result, payment) {
  if (running !== payment) return;
  if (result.status === "success") {
    running = null;
    succeed(result.response);
  } else if (result.status === "failed") fail(result.failure);
  else if (result.error) fail(result.error);
}

function answer(body) {
  const payment = running;
  return step(async () => settle(await ask(`payments/${payment}/answer`, body), payment));
}

async function watch(payment) {
  while (running === payment) {
    await new Promise((done) => setTimeout(done, 500));
    if (running !== payment) return;
    try {
      settle(await ask(`payments/${payment}/status`, {}), payment);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      notice("The connection is weak. Still waiting for your UPI app.");
    }
  }
}

// ---- closing

function close(reason) {
  if (options.modal?.confirm_close && shown === "choose") {
    show("sure");
    return;
  }
  if (shown === "sure") return show("choose");
  leave(reason);
}

function trap(event) {
  const stops = [...$("window").querySelectorAll("button, input, select")].filter(
    (element) => element.tabIndex >= 0 && element.offsetParent,
  );
  const first = stops[0];
  const last = stops[stops.length - 1];
  if (event.shiftKey && (document.activeElement === first || !stops.includes(document.activeElement))) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && document.activeElement === last) {
    event.preventDefault();
    first.focus();
  }
}

// ---- wiring

function wire() {
  for (const name of METHODS) {
    $(`tab-${name}`).addEventListener("click", () => choose(name));
    $(`panel-${name}`).addEventListener("submit", (event) => {
      event.preventDefault();
      step(() => pay(name));
    });
  }
  document.querySelector(".tabs").addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (move) choose(METHODS[(METHODS.indexOf(method()) + move + METHODS.length) % METHODS.length], true);
  });
  $("number").addEventListener("input", () => {
    const digits = $("number").value.replaceAll(/\D/g, "").slice(0, 19);
    $("number").value = digits.replaceAll(/(\d{4})(?=\d)/g, "$1 ");
  });
  $("expiry").addEventListener("input", (event) => {
    const digits = $("expiry").value.replaceAll(/\D/g, "").slice(0, 4);
    const erasing = event.inputType?.startsWith("delete");
    $("expiry").value =
      digits.length > 2 || (digits.length === 2 && !erasing) ? `${digits.slice(0, 2)} / ${digits.slice(2)}` : digits;
  });
  for (const id of ["cvv", "otp"]) {
    $(id).addEventListener("input", () => {
      $(id).value = $(id).value.replaceAll(/\D/g, "");
    });
  }
  $("fill-card").addEventListener("click", () => {
    $("number").value = $("fill-card").textContent;
    $("expiry").value = `12 / ${String((new Date().getFullYear() + 4) % 100).padStart(2, "0")}`;
    $("cvv").value = "123";
    for (const id of ["number", "expiry", "cvv"]) wrong(id, "");
  });
  for (const button of document.querySelectorAll("[data-vpa]")) {
    button.addEventListener("click", () => {
      $("vpa").value = button.dataset.vpa;
      wrong("vpa", "");
    });
  }
  $("otp-form").addEventListener("submit", (event) => {
    event.preventDefault();
    answer({ outcome: "otp", otp: $("otp").value });
  });
  $("bank-success").addEventListener("click", () => answer({ outcome: "success" }));
  $("bank-failure").addEventListener("click", () => answer({ outcome: "failure" }));
  for (const button of document.querySelectorAll("[data-back]")) {
    button.addEventListener("click", () => {
      const payment = running;
      step(async () => settle(await ask(`payments/${payment}/cancel`, {}), payment));
    });
  }
  $("close").addEventListener("click", () => close("closed"));
  $("end-close").addEventListener("click", () => leave("closed"));
  $("sure-stay").addEventListener("click", () => show("choose"));
  $("sure-leave").addEventListener("click", () => leave("closed"));
  $("scrim").addEventListener("click", () => {
    if (options.modal?.backdropclose && !hosted.hosted) close("backdrop");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab") trap(event);
    else if (event.key === "Escape" && options.modal?.escape !== false && !hosted.hosted) close("escape");
  });
}

function fillList(id, entries) {
  for (const [value, text] of Object.entries(entries)) $(id).append(new Option(text, value));
}

async function start(given) {
  options = given;
  if (typeof options.modal === "string") options.modal = {};
  colour(options.theme?.color);
  if (options.theme?.backdrop_color) document.documentElement.style.setProperty("--scrim", options.theme.backdrop_color);
  if (options.modal?.animation === false) document.documentElement.classList.add("still");
  $("shop").textContent = options.name || "Payment";
  $("description").textContent = options.description || "";
  if (options.image) {
    $("image").addEventListener("load", () => {
      $("image").hidden = false;
    });
    $("image").src = options.image;
  }
  $("name").value = options.prefill?.name || "";
  let found;
  try {
    found = await ask("session", {});
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    found = { error: { description: "We could not reach the payment service. Close this window and try again." } };
  }
  $("window").hidden = false;
  if (found.error) return end("This payment can't be opened", found.error.description);
  session = found;
  $("amount").textContent = money(session.amount);
  for (const button of document.querySelectorAll(".panel > .pay")) button.textContent = `Pay ${money(session.amount)}`;
  fillList("bank", session.banks);
  fillList("wallet", session.wallets);
  if (session.paid) return end("This order is paid", "Nothing more to pay. Close this window to see your order.");
  const wanted = options.prefill?.method;
  choose(METHODS.includes(wanted) ? wanted : "card");
  show("choose");
  $(method() === "card" ? "number" : `tab-${method()}`).focus();
  if (options.timeout > 0) {
    setTimeout(() => {
      running = null;
      end("Time ran out", "Nothing was taken. Close this window to try again.");
    }, options.timeout * 1000);
  }
}

wire();
if (hosted.hosted) {
  document.documentElement.classList.add("hosted");
  start(hosted);
} else if (opener) {
  window.addEventListener("message", (message) => {
    if (message.origin !== opener || message.source !== window.parent || message.data?.type !== "options") return;
    if (!options.key) start(message.data.options);
  });
  tell({ type: "ready" });
}
