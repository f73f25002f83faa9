"use strict";

const element = (id) => document.getElementById(id);
const firstWait = 500, longestWait = 16000;  // milliseconds until the next try
const mostShown = 500;                       // in each list: the oldest leaves
const mostUnheard = 50;                      // sent all at once, they do not exceed what the server allows

const closings = {  // by the server's close code: RFC 6455, section 7.4.1
  1001: "The server is going away",
  1006: "The connection broke",
  1007: "The server sent us away: what we sent is not valid text",
  1008: "The server sent us away: against its rules",
  1009: "The server sent us away: the message was too long",
};
const noConnection = "No connection. A page is not told why: the server may be down or full, or refuse this name, this page or its token.";
const marks = {
  waiting: "waiting for the connection",
  sent: "sent, has not come back yet",
  unknown: "not known whether it arrived",
};

let socket;                // the connection, or the try to make one
let nameThere;             // the name that it was made with
let lost = false;          // a connection that was there
let unheard = [];          // our own messages that have not come back, the oldest first
let wait = firstWait;      // the longest that the next one can be
let retryAt = Infinity;    // by performance.now(); Infinity: no try is due

// --- what is shown ---

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
  add("messages", span("time", new Date().toLocaleTimeString()), span(`${className} text`, text));
}

function addToWire(who, text, bytes, after) {
  add("wire", span("who", who), span("text", text), span("detail", `${bytes} bytes${after}`));
}

function showState(words, isUp) {
  // The same words again would be read out again.
  if (element("state").textContent !== words) element("state").textContent = words;
  element("connection").className = isUp ? "up" : "";
}

function mark(message, state) {
  message.state = state;
  const parts = [span("text", message.text), span("mark", marks[state])];
  if (state === "unknown") parts.push(button("Send again", message, sendOrKeep));
  if (state !== "sent") parts.push(button("Discard", message, forget));
  message.item.replaceChildren(...parts);
  countUnheard();
}

// Of what is sent we say nothing: a moment later it is back.
function countUnheard() {
  const parts = ["waiting", "unknown"].flatMap((state) => {
    const count = unheard.filter((message) => message.state === state).length;
    return count ? [`${count} ${marks[state]}`] : [];
  });
  element("notice").textContent = parts.length ? `Your messages: ${parts.join(", ")}.` : "";
}

// --- our own messages: each is kept until it comes back ---

function sendOrKeep(message) {
  if (socket.readyState !== WebSocket.OPEN) return mark(message, "waiting");
  message.line = `${nameThere || "User"}: ${message.text}`;
  message.sentAt = performance.now();
  socket.send(message.text);
  mark(message, "sent");
  addToWire("→ sent", message.text, new TextEncoder().encode(message.text).length, "");
}

function forget(message) {
  unheard = unheard.filter((other) => other !== message);
  message.item.remove();
  countUnheard();
}

function receive(data) {
  const isText = typeof data === "string";
  const bytes = isText ? new TextEncoder().encode(data).length : data.byteLength;
  const text = isText ? data : `${bytes} bytes of binary data`;
  // Messages have no numbers: ours is known by name and text, and so might be somebody else's.
  const own = unheard.find((message) => message.state === "sent" && message.line === data);
  addMessage(isText ? (own ? "own" : "") : "binary", text);
  addToWire("← received", text, bytes, own ? `, after ${(performance.now() - own.sentAt).toFixed(1)} ms` : "");
  if (own) forget(own);
}

// --- the connection ---

function wantedName() {
  return element("name").value.replace(/\p{Cc}/gu, "").trim();
}

function address() {
  const fields = [];
  const token = new URLSearchParams(location.search).get("token");
  if (nameThere) fields.push(`name=${encodeURIComponent(nameThere)}`);
  if (token !== null) fields.push(`token=${encodeURIComponent(token)}`);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/ws?${fields.join("&")}`;
}

function connect() {
  retryAt = Infinity;
  element("countdown").textContent = "Connecting …";
  element("now").disabled = true;
  nameThere = wantedName();
  let opened = false;
  socket = new WebSocket(address());
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { opened = true; welcome(); };
  socket.onmessage = (event) => receive(event.data);
  socket.onclose = (event) => {
    const why = `${closings[event.code] ?? "The connection is closed"} (${event.code}${event.reason && ", "}${event.reason}).`;
    lost ||= opened;
    doubtSent();
    tryLater(opened ? why : noConnection);
  };
}

function welcome() {
  wait = firstWait;
  element("countdown").textContent = "";
  element("now").hidden = true;
  showState(`Connected as ${nameThere || "User"}.`, true);
  if (lost) addMessage("note", "Connected again. The chat keeps no history: what was said meanwhile is not here.");
  lost = false;
  unheard.filter((message) => message.state === "waiting").forEach(sendOrKeep);
}

function doubtSent() {
  unheard.filter((message) => message.state === "sent").forEach((message) => mark(message, "unknown"));
}

// Shortened at random, so that those who lost the same server do not all come back at once.
function tryLater(why) {
  retryAt = performance.now() + wait * (1 - Math.random() / 2);
  wait = Math.min(2 * wait, longestWait);
  showState(why, false);
  element("now").hidden = element("now").disabled = false;
  countDown();
}

function countDown() {
  if (retryAt === Infinity) return;
  const left = retryAt - performance.now();
  if (left <= 0) return connect();
  element("countdown").textContent = `Next try in ${Math.ceil(left / 1000)} s.`;
}

// --- what the user does ---

// Without storage, as in some private windows, the name is asked for anew each time.
try { element("name").value = localStorage.getItem("name") ?? ""; } catch { /* asked for anew */ }

element("name").onchange = () => {
  try { localStorage.setItem("name", wantedName()); } catch { /* asked for anew */ }
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  doubtSent();
  showState("", false);
  wait = firstWait;
  connect();
};

element("name-form").onsubmit = (event) => {
  event.preventDefault();
  element("text").focus();
};

element("form").onsubmit = (event) => {
  event.preventDefault();
  const input = element("text");
  if (input.value === "") return;
  if (unheard.length >= mostUnheard) {
    element("notice").textContent = `${mostUnheard} of your messages have not come back: this one stays in the input.`;
    return;
  }
  const message = { text: input.value, item: add("unheard") };
  unheard.push(message);
  input.value = "";
  sendOrKeep(message);
};

element("now").onclick = () => { element("text").focus(); connect(); };

// What has not come back would be lost with the page.
window.onbeforeunload = (event) => { if (unheard.length > 0) event.preventDefault(); };

setInterval(countDown, 100);
connect();
