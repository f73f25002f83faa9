"use strict";

mostShown = 1000;  // as many as the server remembers

// The page names its stream, so that it can have it dropped, and nobody else can.
const streamName = crypto.getRandomValues(new Uint32Array(4)).join("-");

const mostOwnTries = 3;      // that the page leaves to the browser
const answerTime = 10000;  // milliseconds that an answer to a request of ours may take

const marks = {
  waiting: "waiting for its turn",
  sent: "sent, not acknowledged yet",
  unknown: "not known whether it was published",
};

let source;                // the browser's EventSource
let lost = false;          // a stream that was open, and the browser is making a new one
let ownTries = 0;          // that the browser has made by itself since a stream has lasted
let lastId = "";           // of the last event that has come
let publishing = false;    // one of them is on its way
const publishBackoff = new Backoff();
const sentAt = new Map();  // by id: when we published the event, until it comes

// --- what is shown ---

function addNote(words) {
  add("feed", span("note", words));
}

// --- the stream ---

function connect() {
  lost = false;
  beginTry();
  expectAnswer();
  element("now").disabled = true;
  // A new EventSource remembers nothing: where we are stands in its address.
  source = new EventSource(`/events?stream=${streamName}&heartbeat=1&last_event_id=${encodeURIComponent(lastId || "0")}`);
  source.onopen = opened;
  source.onerror = ended;
  source.onmessage = receive;
  // Events of other types come only to those who ask for them by name.
  source.addEventListener("gap", receiveGap);
  source.addEventListener("heartbeat", () => heard(true));
}

function opened() {
  endWaits();
  heard(false);
  const asked = lost ? (lastId ? `Last-Event-ID: ${lastId}` : "no Last-Event-ID yet") : `last_event_id=${lastId || "0"}`;
  addToWire("→ sent", "GET /events", `by the browser, ${asked}`);
  addToWire("← received", "200, text/event-stream", "and no end");
  showState("Open: events come as they are published.", true);
  lost = false;
}

// The browser connects again by itself, at the pace of retry:, and without an end, be it 0. After
// a few tries in vain, and after a refusal, which a browser takes for final, the page does.
function ended() {
  if (isUp()) {
    lost = true;
    addToWire("← received", "end of the stream", "");
  }
  if (backoff.ended()) ownTries = 0;
  if (source.readyState === EventSource.CLOSED)
    return giveUp("Refused, and a page is not told why: the server, or a proxy before it, may be down or full, or not want this page.");
  if (ownTries >= mostOwnTries) return giveUp("The stream has ended, and the browser's own tries have failed.");
  ownTries++;
  expectAnswer();
  showState("The stream has ended. The browser connects again by itself, when the time that the server has named as retry: is over …", false);
}

function giveUp(why) {
  source.close();
  beginWait(why);
}

function note(event) {
  heard(false);
  backoff.broughtNews = true;
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
  const item = add("feed", span("id", event.lastEventId), span("time", new Date().toLocaleTimeString()), spokenLine("text", event.data));
  item.dataset.id = event.lastEventId;
  addToWire("← received", lines, `${bytesOf(lines) + 2} bytes`);
  markOwn(event.lastEventId);
}

function receiveGap(event) {
  heard(false);
  const { first, last } = JSON.parse(event.data);
  const lines = linesOf(event);
  addToWire("← received", lines, `${bytesOf(lines) + 2} bytes`);
  const gone = first === last ? `Event ${last} is gone` : `Events ${first || 1} to ${last} are gone`;
  if (first === 0) {
    sentAt.clear();
    addNote(`The server has restarted: it never gave the id ${lastId}.${last > 0 ? ` ${gone}.` : ""}`);
  } else {
    addNote(`${gone}: the server keeps only the last ones.`);
  }
}

// An event may come before the answer to its publication does, or after it.
function markOwn(id) {
  // The last of them: a server that starts again gives the same ids again.
  const item = [...element("feed").querySelectorAll(`[data-id="${CSS.escape(id)}"]`)].at(-1);
  if (!item || !sentAt.has(id)) return;
  item.lastElementChild.classList.add("own");
  const after = performance.now() - sentAt.get(id);
  sentAt.delete(id);
  addToWire("", `event ${id} was ours`, `back after ${after.toFixed(1)} ms`);
}

element("drop").onclick = async () => {
  addToWire("→ sent", "POST /drop", "0 bytes");
  try {
    const response = await fetch(`/drop?stream=${streamName}`, { method: "POST", signal: AbortSignal.timeout(answerTime) });
    addToWire("← received", `${response.status}`, "0 bytes");
  } catch {
    addToWire("← received", "no answer", "");
  }
};

element("now").onclick = () => { element("text").focus(); connect(); };

// --- publishing: a text is kept until the server has acknowledged it ---

function mark(post, words, isOver) {
  const parts = [span("text", post.text), span("mark", words)];
  if (isOver) parts.push(button("Publish again", post, enqueue), button("Discard", post, forget));
  post.item.replaceChildren(...parts);
  post.words = words;
  countUnheard();
}

// Of what is on its way we say nothing: a moment later it is there.
function countUnheard() {
  const doubtful = unheard.filter((post) => post.words !== marks.waiting && post.words !== marks.sent).length;
  element("notice").textContent = doubtful ? `Not published, or not known whether it was: ${doubtful} of your texts.` : "";
}

function enqueue(post) {
  mark(post, marks.waiting, false);
  publishNext();
}

// One after the other: two requests on two connections could overtake each other.
async function publishNext() {
  const post = unheard.find((other) => other.words === marks.waiting);
  if (!post || publishing) return;
  publishing = true;
  mark(post, marks.sent, false);
  const pause = await publish(post);
  setTimeout(() => { publishing = false; publishNext(); }, pause);
}

// Returns how long to wait before the next one, in milliseconds.
async function publish(post) {
  const begin = performance.now();
  const target = `/publish?name=${encodeURIComponent(post.name)}`;
  addToWire("→ sent", `POST ${target}\n${post.text}`, `${bytesOf(post.text)} bytes`);
  try {
    const response = await fetch(target, {
      method: "POST",
      headers: { "Content-Type": "text/plain; charset=utf-8" },
      body: post.text,
      signal: AbortSignal.timeout(answerTime),
    });
    const answer = await response.text();
    addToWire("← received", `${response.status}\n${answer.trim()}`, `${bytesOf(answer)} bytes, after ${(performance.now() - begin).toFixed(1)} ms`);
    // The server has done nothing with it: later it may.
    if ([408, 429, 503].includes(response.status)) {
      mark(post, marks.waiting, false);
      return publishBackoff.next(retryAfter(response));
    }
    publishBackoff.succeeded();
    if (response.status !== 202) {
      // A proxy or a server that has failed does not know how far it came.
      const unknown = [500, 502, 504].includes(response.status);
      mark(post, unknown ? marks.unknown : `not published: ${response.status}, ${answer.trim()}`, true);
      return 0;
    }
    sentAt.set(answer.trim(), begin);
    markOwn(answer.trim());
    forget(post);
    return 0;
  } catch {
    // The request may have arrived, and only the answer have been lost.
    addToWire("← received", "no answer", "");
    mark(post, marks.unknown, true);
    return 0;
  }
}

function say(text) {
  const post = { text, name: wantedName() || "User", item: add("pending") };
  unheard.push(post);
  enqueue(post);
}

listenToForm(say, "texts are not acknowledged");
watch(connect, giveUp);
showState("", false);
connect();
