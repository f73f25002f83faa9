"use strict";

const element = (id) => document.getElementById(id);
const mostShown = 1000;  // in each list: the oldest leaves
const mostPending = 50;  // of our own texts
const bytesOf = (text) => new TextEncoder().encode(text).length;

// The page names its stream, so that it can have it dropped, and nobody else can.
const token = crypto.getRandomValues(new Uint32Array(4)).join("-");

const marks = {
  waiting: "waiting for its turn",
  sent: "sent, not acknowledged yet",
  unknown: "not known whether it was published",
};

let source;                // the browser's EventSource
let lost = false;          // a stream that was open, and the browser is making a new one
let lastId = "";           // of the last event that has come
let posts = [];            // our own texts that the server has not acknowledged, the oldest first
let publishing = false;    // one of them is on its way
const sentAt = new Map();  // by id: when we published the event, until it comes

// --- what is shown ---

function span(className, text) {
  const part = document.createElement("span");
  part.className = className;
  part.dir = "auto";
  // Text, never HTML: it comes from who knows whom.
  part.textContent = text;
  return part;
}

function button(label, post, action) {
  const part = document.createElement("button");
  part.type = "button";
  part.textContent = label;
  part.setAttribute("aria-label", `${label}: ${post.text}`);
  // The button goes away: without this the focus would be lost.
  part.onclick = () => { element("text").focus(); action(post); };
  return part;
}

function add(list, ...parts) {
  const item = document.createElement("li");
  item.append(...parts);
  element(list).append(item);
  if (element(list).children.length > mostShown) element(list).firstElementChild.remove();
  return item;
}

function addNote(words) {
  add("feed", span("note", words));
}

function addToWire(who, text, detail) {
  add("wire", span("who", who), span("text", text), span("detail", detail));
}

function showState(words, isUp) {
  // The same words again would be read out again.
  if (element("state").textContent !== words) element("state").textContent = words;
  element("connection").className = isUp ? "up" : "";
  element("now").hidden = source.readyState !== EventSource.CLOSED;
}

// --- the stream ---

function connect() {
  lost = false;
  // A new EventSource remembers nothing: where we are stands in its address.
  source = new EventSource(`/events?stream=${token}&last_event_id=${encodeURIComponent(lastId || "0")}`);
  source.onopen = opened;
  source.onerror = ended;
  source.onmessage = receive;
  // Events of other types come only to those who ask for them by name.
  source.addEventListener("gap", receiveGap);
  showState("Connecting …", false);
}

function opened() {
  const asked = lost ? (lastId ? `Last-Event-ID: ${lastId}` : "no Last-Event-ID yet") : `last_event_id=${lastId || "0"}`;
  addToWire("→ sent", "GET /events", `by the browser, ${asked}`);
  addToWire("← received", "200, text/event-stream", "and no end");
  showState("Open: events come as they are published.", true);
  lost = false;
}

function ended() {
  if (element("connection").className === "up") {
    lost = true;
    addToWire("← received", "end of the stream", "");
  }
  if (source.readyState === EventSource.CLOSED) {
    showState("Refused. The browser does not try again, and a page is not told why: the server may be full, or not want this page.", false);
  } else {
    showState("The stream has ended. The browser connects again by itself, when the time that the server has named as retry: is over …", false);
  }
}

function note(event) {
  lastId = event.lastEventId;
  element("last").textContent = lastId || "none";
}

function linesOf(event) {
  const type = event.type === "message" ? [] : [`event: ${event.type}`];
  const id = event.type === "gap" ? [] : [`id: ${event.lastEventId}`];
  return [...id, ...type, ...event.data.split("\n").map((line) => `data: ${line}`)].join("\n");
}

function receive(event) {
  note(event);
  const lines = linesOf(event);
  const item = add("feed", span("id", event.lastEventId), span("time", new Date().toLocaleTimeString()), span("text", event.data));
  item.dataset.id = event.lastEventId;
  addToWire("← received", lines, `${bytesOf(lines) + 2} bytes`);
  markOwn(event.lastEventId);
}

function receiveGap(event) {
  const { first, last } = JSON.parse(event.data);
  const lines = linesOf(event);
  addToWire("← received", lines, `${bytesOf(lines) + 2} bytes`);
  const gone = first === last ? `Event ${last} is gone` : `Events ${first || 1} to ${last} are gone`;
  if (first === 0) {
    sentAt.clear();
    addNote(`The server has begun anew: it never gave the id ${lastId}.${last > 0 ? ` ${gone}.` : ""}`);
  } else {
    addNote(`${gone}: the server keeps only the last ones.`);
  }
}

// An event may come before the answer to its publication does, or after it.
function markOwn(id) {
  const item = element("feed").querySelector(`[data-id="${CSS.escape(id)}"]:last-child`);
  if (!item || !sentAt.has(id)) return;
  item.lastElementChild.classList.add("own");
  const after = performance.now() - sentAt.get(id);
  sentAt.delete(id);
  addToWire("", `event ${id} was ours`, `back after ${after.toFixed(1)} ms`);
}

element("drop").onclick = async () => {
  addToWire("→ sent", "POST /drop", "0 bytes");
  try {
    const response = await fetch(`/drop?stream=${token}`, { method: "POST" });
    addToWire("← received", `${response.status}`, "0 bytes");
  } catch {
    addToWire("← received", "no answer", "");
  }
};

element("now").onclick = () => { element("text").focus(); connect(); };

// --- publishing: a text is kept until the server has acknowledged it ---

function wantedName() {
  return element("name").value.replace(/\p{Cc}/gu, "").trim() || "User";
}

function mark(post, words, isOver) {
  const parts = [span("text", post.text), span("mark", words)];
  if (isOver) parts.push(button("Publish again", post, enqueue), button("Discard", post, forget));
  post.item.replaceChildren(...parts);
  post.words = words;
  countPending();
}

// Of what is on its way we say nothing: a moment later it is there.
function countPending() {
  const doubtful = posts.filter((post) => post.words !== marks.waiting && post.words !== marks.sent).length;
  element("notice").textContent = doubtful ? `Not published, or not known whether it was: ${doubtful} of your texts.` : "";
}

function forget(post) {
  posts = posts.filter((other) => other !== post);
  post.item.remove();
  countPending();
}

function enqueue(post) {
  mark(post, marks.waiting, false);
  publishNext();
}

// One after the other: two requests on two connections could overtake each other.
async function publishNext() {
  const post = posts.find((other) => other.words === marks.waiting);
  if (!post || publishing) return;
  publishing = true;
  mark(post, marks.sent, false);
  await publish(post);
  publishing = false;
  publishNext();
}

async function publish(post) {
  const begin = performance.now();
  const target = `/publish?name=${encodeURIComponent(post.name)}`;
  addToWire("→ sent", `POST ${target}\n${post.text}`, `${bytesOf(post.text)} bytes`);
  try {
    const response = await fetch(target, {
      method: "POST",
      headers: { "Content-Type": "text/plain; charset=utf-8" },
      body: post.text,
    });
    const answer = await response.text();
    addToWire("← received", `${response.status}\n${answer.trim()}`, `${bytesOf(answer)} bytes, after ${(performance.now() - begin).toFixed(1)} ms`);
    if (response.status !== 202) return mark(post, `not published: ${response.status}, ${answer.trim()}`, true);
    sentAt.set(answer.trim(), begin);
    markOwn(answer.trim());
    forget(post);
  } catch {
    // The request may have arrived, and only the answer have been lost.
    addToWire("← received", "no answer", "");
    mark(post, marks.unknown, true);
  }
}

// Without storage, as in some private windows, the name is asked for anew each time.
try { element("name").value = localStorage.getItem("name") ?? ""; } catch { /* asked for anew */ }

element("name").onchange = () => {
  try { localStorage.setItem("name", element("name").value); } catch { /* asked for anew */ }
};

element("form").onsubmit = (event) => {
  event.preventDefault();
  const input = element("text");
  if (input.value === "") return;
  if (posts.length >= mostPending) {
    element("notice").textContent = `${mostPending} of your texts are not acknowledged: this one stays in the input.`;
    return;
  }
  const post = { text: input.value, name: wantedName(), item: add("pending") };
  posts.push(post);
  input.value = "";
  enqueue(post);
};

// What is not acknowledged would be lost with the page.
window.onbeforeunload = (event) => { if (posts.length > 0) event.preventDefault(); };

connect();
