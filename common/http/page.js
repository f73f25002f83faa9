"use strict";

// What the pages of several steps share. The script of the page itself comes after it, and defines
// countUnheard(), which says in words how many of the user's own messages wait.

const element = (id) => document.getElementById(id);
const bytesOf = (text) => new TextEncoder().encode(text).length;

// --- what is shown ---

let mostShown = 500;  // in each list: the oldest leaves

function span(className, text) {
  const part = document.createElement("span");
  part.className = className;
  part.dir = "auto";
  // Text, never HTML: it comes from who knows whom.
  part.textContent = text;
  return part;
}

function button(label, message, action) {
  const part = document.createElement("button");
  part.type = "button";
  part.textContent = label;
  part.setAttribute("aria-label", `${label}: ${message.text}`);
  // The button goes away: without this the focus would be lost.
  part.onclick = () => { element("text").focus(); action(message); };
  return part;
}

function add(list, ...parts) {
  const item = document.createElement("li");
  item.append(...parts);
  element(list).append(item);
  if (element(list).children.length > mostShown) element(list).firstElementChild.remove();
  return item;
}

// The message `text` of `name`: <bdi> keeps a right-to-left name in its place.
function spoken(className, name, text) {
  const part = span(className, "");
  const speaker = document.createElement("bdi");
  speaker.textContent = name;
  part.append(speaker, `: ${text}`);
  return part;
}

// The same for a message in which the name stands already, if any: up to the first ": ".
function spokenLine(className, line) {
  const [, name, text] = /^([^\n]{1,64}?): ([^]*)$/u.exec(line) ?? [];
  return name ? spoken(className, name, text) : span(className, line);
}

function addSpoken(part) {
  return add("messages", span("time", new Date().toLocaleTimeString()), part);
}

function addMessage(className, text) {
  return addSpoken(span(`${className} text`, text));
}

function addToWire(who, text, detail) {
  add("wire", span("who", who), span("text", text), span("detail", detail));
}

function showState(words, up) {
  // The same words again would be read out again.
  if (element("state").textContent !== words) element("state").textContent = words;
  element("connection").className = up ? "up" : "";
}

function isUp() {
  return element("connection").className === "up";
}

// --- the waits between tries, as common/backoff.hpp has them ---

const firstWait = 500, longestWait = 16000;  // milliseconds
const longestAsked = 3600000;                // the longest wait that a server may ask for
const lasting = 5000;                        // a connection that is up for so long has lasted

// Waits that double, each shortened at random, so that pages that lost the same server do not all
// come back at once. A connection that opens and ends at once is no success: only one that has
// lasted brings the waits back to the shortest.
class Backoff {
  longest = firstWait;
  upSince;
  broughtNews = false;

  succeeded() { this.upSince ??= performance.now(); }
  reset() { this.longest = firstWait; }

  // The connection has ended, if there was one. Returns whether it had lasted.
  ended() {
    const lasted = performance.now() - this.upSince >= lasting;
    if (lasted) this.reset();
    this.upSince = undefined;
    return lasted;
  }

  // How long to wait now; `asked` is what the server asks for, in milliseconds.
  next(asked = 0) {
    this.ended();
    // A connection that has brought something new was of some use, although it may not have lasted.
    const useful = this.broughtNews;
    this.broughtNews = false;
    if (useful) this.longest = Math.max(this.longest / 2, firstWait);
    const random = 1 - Math.random() / 2;
    const time = Math.max(this.longest * random, Math.min(asked, longestAsked) * (0.5 + random));
    if (!useful) this.longest = Math.min(2 * this.longest, longestWait);
    return time;
  }
}

const backoff = new Backoff();  // of the connection, or of what a page has instead of one
let retryAt = Infinity;         // by performance.now(); Infinity: no try is due

// Says why, and returns how long the wait is.
function beginWait(why, asked) {
  const time = backoff.next(asked);
  retryAt = performance.now() + time;
  silentAt = Infinity;
  showState(why, false);
  element("now").hidden = element("now").disabled = false;
  countDown();
  return time;
}

function countDown() {
  if (retryAt === Infinity) return;
  const left = Math.max(0, retryAt - performance.now());
  element("countdown").textContent = `Next try in ${Math.ceil(left / 1000)} s.`;
}

function beginTry() {
  retryAt = Infinity;
  element("countdown").textContent = "Connecting …";
}

function endWaits() {
  backoff.succeeded();
  element("countdown").textContent = "";
  element("now").hidden = true;
}

// A number that stands in a field of the page or in an answer: what is none, or out of range, must
// not make a wait of nothing. (setTimeout takes 3000000000 for 1.)
function numberIn(text, least, most, otherwise) {
  const number = Number(text);
  return text !== "" && text !== null && Number.isFinite(number) ? Math.min(Math.max(number, least), most) : otherwise;
}

function retryAfter(response) {
  return 1000 * numberIn(response.headers.get("Retry-After"), 0, longestAsked / 1000, 0);
}

// --- a server that says nothing ---

// A connection whose other end has vanished ends with no event: the page finds out by itself, from
// heartbeats. (The browser keeps WebSocket pings and the comments of an event stream to itself.)
let patience = 45000;     // milliseconds without a sign of the server; heartbeats come every 20 s
let silentAt = Infinity;  // by performance.now(): then the connection counts as lost
let beats = false;        // on this connection the server sends heartbeats

function expectAnswer() {
  beats = false;
  silentAt = performance.now() + patience;
}

// A sign of the server. One that sends no heartbeats may be silent for as long as it likes.
function heard(isHeartbeat) {
  beats ||= isHeartbeat;
  silentAt = beats ? performance.now() + patience : Infinity;
}

// To be called by the page when it has defined what to do: many times a second, it connects when it
// is time to, and gives up a connection that is silent.
function watch(connect, giveUp) {
  setInterval(() => {
    if (performance.now() >= retryAt) connect();
    else if (performance.now() >= silentAt) giveUp(`The server has been silent for ${Math.round(patience / 1000)} s.`);
    else countDown();
  }, 100);
}

// --- our own messages: each is kept until the server has it for sure ---

const mostUnheard = 50;  // sent all at once, they do not exceed what a server allows
let unheard = [];        // the oldest first

function forget(message) {
  unheard = unheard.filter((other) => other !== message);
  message.item.remove();
  countUnheard();
}

// In the notice: how many are in each of `states`, in the words of `marks`.
function showCounts(states, marks) {
  const parts = states.flatMap((state) => {
    const count = unheard.filter((message) => message.state === state).length;
    return count ? [`${count} ${marks[state]}`] : [];
  });
  element("notice").textContent = parts.length ? `Your messages: ${parts.join(", ")}.` : "";
}

// Gives each text that is sent to `say`. If too many are unheard it stays in the input instead, and
// the notice says so in `words`.
function listenToForm(say, words) {
  element("form").onsubmit = (event) => {
    event.preventDefault();
    const input = element("text");
    const text = wellFormed(input.value);
    if (text === "") return;
    if (unheard.length >= mostUnheard) {
      element("notice").textContent = `${mostUnheard} of your ${words}: this one stays in the input.`;
      return;
    }
    say(text);
    input.value = "";
  };
}

// They would be lost with the page.
window.onbeforeunload = (event) => { if (unheard.length > 0) event.preventDefault(); };

// --- the name ---

// Half of an emoji (a lone surrogate) is no text: encodeURIComponent would throw. Newer browsers have
// toWellFormed() for it.
function wellFormed(text) {
  return text.replace(/[\uD800-\uDFFF]/gu, "\uFFFD");
}

// What the server would refuse: controls, line ends, what turns the direction of the text around it,
// and a name in which nothing can be seen.
function wantedName() {
  const name = wellFormed(element("name").value)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, "").trim();
  return /[^\p{Z}\p{M}\p{Cf}\u115F\u1160\u2065\u3164\uFFA0\u2800]/u.test(name) ? name : "";
}

// Without storage, as in some private windows, the name is asked for again each time.
try { element("name").value = localStorage.getItem("name") ?? ""; } catch { /* asked for anew */ }

element("name").addEventListener("change", () => {
  try { localStorage.setItem("name", wantedName()); } catch { /* asked for anew */ }
});

// Only where the name has a form of its own.
element("name-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  element("text").focus();
});
