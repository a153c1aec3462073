/* window.Razorpay, as far as a shop uses it: opens the payment window in a frame and speaks with it by messages. */
(function () {
  "use strict";

  var GATEWAY = new URL(document.currentScript.src).origin;
  var open = null; // one window at a time

  function Razorpay(options) {
    if (!(this instanceof Razorpay)) return new Razorpay(options);
    if (!options || !options.key) throw new Error("No key passed");
    this.options = options;
    this.listeners = {};
  }

  Razorpay.prototype.on = function (event, listener) {
    (this.listeners[event] = this.listeners[event] || []).push(listener);
    return this;
  };

  Razorpay.prototype.open = function () {
    if (open) return this;
    open = new Overlay(this);
    return this;
  };

  Razorpay.prototype.close = function () {
    if (open && open.checkout === this) open.remove();
  };

  Razorpay.prototype.tell = function (event, payload) {
    (this.listeners[event] || []).forEach(function (listener) {
      listener(payload);
    });
  };

  /* What may cross to the frame: everything but functions. */
  function plain(options) {
    return JSON.parse(JSON.stringify(options));
  }

  /* A page that asked for it gets the result as a form, the way a bank's page comes back. */
  function post(url, fields) {
    var form = document.createElement("form");
    form.method = "POST";
    form.action = url;
    Object.keys(fields).forEach(function (name) {
      var field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = fields[name] == null ? "" : fields[name];
      form.appendChild(field);
    });
    document.body.appendChild(form);
    form.submit();
  }

  function asFields(error) {
    var fields = {};
    Object.keys(error).forEach(function (name) {
      var value = error[name];
      fields["error[" + name + "]"] = typeof value === "object" ? JSON.stringify(value) : value;
    });
    return fields;
  }

  function Overlay(checkout) {
    this.checkout = checkout;
    this.before = document.activeElement;
    this.frame = document.createElement("iframe");
    this.frame.title = "Payment window";
    this.frame.allow = "payment";
    this.frame.src = GATEWAY + "/v1/checkout/public?origin=" + encodeURIComponent(location.origin);
    this.frame.style.cssText =
      "position:fixed;inset:0;width:100%;height:100%;border:0;margin:0;z-index:2147483647;background:transparent;color-scheme:light";
    this.receive = this.receive.bind(this);
    window.addEventListener("message", this.receive);

    var root = document.documentElement;
    this.style = { overflow: root.style.overflow, paddingRight: root.style.paddingRight };
    var scrollbar = window.innerWidth - root.clientWidth;
    root.style.overflow = "hidden";
    if (scrollbar > 0) root.style.paddingRight = scrollbar + "px";
    // Nothing behind the window can be reached while it is open, by keyboard or screen reader.
    this.behind = Array.prototype.filter.call(document.body.children, function (element) {
      return !element.inert && element.tagName !== "SCRIPT";
    });
    this.behind.forEach(function (element) {
      element.inert = true;
    });
    document.body.appendChild(this.frame);
  }

  Overlay.prototype.remove = function () {
    window.removeEventListener("message", this.receive);
    this.frame.remove();
    this.behind.forEach(function (element) {
      element.inert = false;
    });
    document.documentElement.style.overflow = this.style.overflow;
    document.documentElement.style.paddingRight = this.style.paddingRight;
    if (this.before && this.before.isConnected && this.before.focus) this.before.focus({ preventScroll: true });
    open = null;
  };

  Overlay.prototype.receive = function (message) {
    if (message.origin !== GATEWAY || message.source !== this.frame.contentWindow) return;
    var checkout = this.checkout;
    var options = checkout.options;
    var said = message.data || {};
    if (said.type === "ready") {
      this.frame.contentWindow.postMessage({ type: "options", options: plain(options) }, GATEWAY);
      this.frame.focus();
    } else if (said.type === "success") {
      this.remove();
      if (options.callback_url && (options.redirect || !options.handler)) post(options.callback_url, said.response);
      else if (options.handler) options.handler(said.response);
      checkout.tell("payment.success", said.response);
    } else if (said.type === "failed") {
      if (options.callback_url && options.redirect) {
        this.remove();
        post(options.callback_url, asFields(said.error));
      } else checkout.tell("payment.failed", { error: said.error });
    } else if (said.type === "dismissed") {
      this.remove();
      if (options.modal && options.modal.ondismiss) options.modal.ondismiss(said.reason);
    }
  };

  window.Razorpay = Razorpay;
})();
