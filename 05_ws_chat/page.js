"use strict";

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

// --- what is shown ---

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
  showCounts(["waiting", "unknown"], marks);
}

// --- our own messages: each is kept until it comes back ---

function sendOrKeep(message) {
  if (socket.readyState !== WebSocket.OPEN) return mark(message, "waiting");
  message.line = `${nameThere || "User"}: ${message.text}`;
  message.sentAt = performance.now();
  socket.send(message.text);
  mark(message, "sent");
  addToWire("→ sent", message.text, `${bytesOf(message.text)} bytes`);
}

function say(text) {
  const message = { text, item: add("unheard") };
  unheard.push(message);
  sendOrKeep(message);
}

function receive(data) {
  // Every message of the chat begins with a name: one without a byte is a heartbeat.
  heard(data === "");
  if (data === "") return;
  backoff.broughtNews = true;
  const isText = typeof data === "string";
  if (isText && data.startsWith(": ")) return addMessage("note", data.slice(2));
  const bytes = isText ? bytesOf(data) : data.byteLength;
  const text = isText ? data : `${bytes} bytes of binary data`;
  // Messages have no numbers: ours is known by name and text, and so might be somebody else's.
  const own = unheard.find((message) => message.state === "sent" && message.line === data);
  if (isText) addSpoken(spokenLine(own ? "own text" : "text", text)); else addMessage("binary", text);
  const after = own ? `, after ${(performance.now() - own.sentAt).toFixed(1)} ms` : "";
  addToWire("← received", text, `${bytes} bytes${after}`);
  if (own) forget(own);
}

// --- the connection ---

function address() {
  const fields = ["heartbeat=1"];
  const token = new URLSearchParams(location.search).get("token");
  if (nameThere) fields.push(`name=${encodeURIComponent(nameThere)}`);
  if (token !== null) fields.push(`token=${encodeURIComponent(token)}`);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/ws?${fields.join("&")}`;
}

function connect() {
  beginTry();
  expectAnswer();
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
    beginWait(opened ? why : noConnection);
  };
}

function welcome() {
  endWaits();
  heard(false);
  showState(`Connected as ${nameThere || "User"}.`, true);
  if (lost) addMessage("note", "Connected again. The chat keeps no history: what was said meanwhile is not here.");
  lost = false;
  unheard.filter((message) => message.state === "waiting").forEach(sendOrKeep);
}

// Leaves the connection. Its own end could come a minute later.
function abandon() {
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  doubtSent();
}

function giveUp(why) {
  lost ||= isUp();
  abandon();
  beginWait(why);
}

function doubtSent() {
  unheard.filter((message) => message.state === "sent").forEach((message) => mark(message, "unknown"));
}

// --- what the user does ---

element("name").onchange = () => {
  abandon();
  showState("", false);
  backoff.reset();
  connect();
};

element("now").onclick = () => { element("text").focus(); connect(); };

listenToForm(say, "messages have not come back");

watch(connect, giveUp);
connect();
