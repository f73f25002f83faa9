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

function addMessage(className, text) {
  return add("messages", span("time", new Date().toLocaleTimeString()), span(`${className} text`, text));
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

// --- the waits between tries to connect, each twice as long as the one before ---

const firstWait = 500, longestWait = 16000;  // milliseconds
let wait = firstWait;                        // the longest that the next one can be
let retryAt = Infinity;                      // by performance.now(); Infinity: no try is due

// Says why, and returns how long the wait is: shortened at random, so that those who lost the same
// server do not all come back at once.
function beginWait(why) {
  const time = wait * (1 - Math.random() / 2);
  wait = Math.min(2 * wait, longestWait);
  retryAt = performance.now() + time;
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
  wait = firstWait;
  element("countdown").textContent = "";
  element("now").hidden = true;
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
    if (input.value === "") return;
    if (unheard.length >= mostUnheard) {
      element("notice").textContent = `${mostUnheard} of your ${words}: this one stays in the input.`;
      return;
    }
    say(input.value);
    input.value = "";
  };
}

// They would be lost with the page.
window.onbeforeunload = (event) => { if (unheard.length > 0) event.preventDefault(); };

// --- the name ---

function wantedName() {
  return element("name").value.replace(/\p{Cc}/gu, "").trim();
}

// Without storage, as in some private windows, the name is asked for anew each time.
try { element("name").value = localStorage.getItem("name") ?? ""; } catch { /* asked for anew */ }

element("name").addEventListener("change", () => {
  try { localStorage.setItem("name", wantedName()); } catch { /* asked for anew */ }
});

// Only where the name has a form of its own.
element("name-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  element("text").focus();
});
