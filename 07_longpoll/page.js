"use strict";

const longestPark = 25;  // seconds that the server may hold a request
const answerTime = 10000;  // milliseconds that an answer may take beyond that
const shortestPause = 100, shortestPauseWithNews = 20;  // milliseconds from one request to the next
const shortestInterval = 50, longestInterval = 3600000;  // milliseconds, of AJAX polling

const marks = {
  waiting: "waiting for the connection",
  posted: "posted, and not yet asked for",
  lost: "posted, but the server has restarted since",
  refused: "refused",
};

// The things that a page of long polling has to remember, because the server does not: the last message that
// it has got, and of which run of the server.
let after = 0, epoch = "";
let current = new AbortController();  // of the request for news, or of the pause before it
let restarts = 0;         // of the server, each right after the other
let posting = false;      // one of them is on its way, or its next try is due
const postBackoff = new Backoff();
const shown = new Map();  // those of this run: their ids, and when and where they were shown
let countedAt = performance.now();
const costs = { long: newCosts(), ajax: newCosts() };

function newCosts() { return { time: 0, requests: 0, empty: 0, headers: 0, shown: 0, delay: 0 }; }
function mode() { return element("ajax").checked ? "ajax" : "long"; }

// --- what is shown ---

function addExchange(text, detail) {
  add("wire", span("text", text), span("detail", detail));
}

function showCosts() {
  costs[mode()].time += performance.now() - countedAt;
  countedAt = performance.now();
  for (const [name, cost] of Object.entries(costs)) {
    const show = (what, text) => { element(`${name}-${what}`).textContent = text; };
    show("time", `${Math.round(cost.time / 1000)} s`);
    show("requests", cost.requests);
    show("empty", cost.empty);
    show("headers", cost.headers);
    show("delay", cost.shown ? `${(cost.delay / cost.shown).toFixed(1)} ms` : "–");
  }
}

function mark(message, state, why = "") {
  message.state = state;
  const parts = [span("text", message.text)];
  if (state in marks) parts.push(span("mark", marks[state] + why));
  if (state === "lost" || state === "refused") parts.push(button("Send again", message, sendAgain));
  if (state === "lost" || state === "refused" || state === "waiting") parts.push(button("Discard", message, forget));
  message.item.replaceChildren(...parts);
  countUnheard();
}

// Of what is posted we say nothing: soon it is back.
function countUnheard() {
  showCounts(["waiting", "lost", "refused"], marks);
}

// --- one request ---

// The status line and the header lines of an answer, of which a page of the same origin gets to see
// all.
function headBytes(response) {
  let bytes = `HTTP/1.1 ${response.status} ${response.statusText}\r\n\r\n`.length;
  for (const [name, value] of response.headers) bytes += `${name}: ${value}\r\n`.length;
  return bytes;
}

// Fails as fetch() does, and if there is no answer within `time` milliseconds.
async function request(target, options, time, controller) {
  const begun = performance.now();
  const timer = setTimeout(() => controller.abort(new DOMException("no answer", "TimeoutError")), time);
  try {
    const response = await fetch(target, { ...options, cache: "no-store", signal: controller.signal });
    return { response, text: await response.text(), took: performance.now() - begun };
  } finally {
    clearTimeout(timer);
  }
}

function refusal(response, text) {
  const error = new Error(`${response.status}: ${text.trim()}`);
  error.asked = retryAfter(response);
  return error;
}

function pause(time, controller) {
  return new Promise((done) => {
    const timer = setTimeout(done, time);
    controller.signal.addEventListener("abort", () => { clearTimeout(timer); done(); });
  });
}

// --- news ---

async function askForNews(how, controller) {
  // The first one is not parked: it tells at once whether there is a server.
  const park = how === "long" && isUp() ? longestPark : 0;
  const target = `/messages?after=${after}&wait=${park}${epoch && `&epoch=${epoch}`}`;
  costs[how].requests++;
  showCosts();
  addExchange(`→ GET ${target}`, "");
  const { response, text, took } = await request(target, {}, 1000 * park + answerTime, controller);
  const bytes = headBytes(response);
  costs[how].headers += bytes;
  if (!response.ok) throw refusal(response, text);
  const answer = JSON.parse(text);
  const count = answer.messages.length;
  if (count === 0) costs[how].empty++;
  addExchange(`← ${response.status}, ${count === 0 ? "empty" : count === 1 ? "1 message" : `${count} messages`}`,
    `${bytes} + ${bytesOf(text)} bytes, after ${took.toFixed(1)} ms`);
  return answer;
}

// Returns how long to wait before the next request for news, at least.
function takeNews(answer) {
  if (epoch && answer.epoch !== epoch) {
    startOver(answer.epoch);
    // An address behind which there is another server each time is trouble, and no news.
    return ++restarts > 1 ? backoff.next() : shortestPause;
  }
  restarts = 0;
  epoch = answer.epoch;
  if (answer.gap) addMessage("note", "What came before is gone: the server keeps the last messages only.");
  for (const message of answer.messages) {
    const item = addSpoken(spoken("text", message.name, message.text));
    shown.set(message.id, { item, at: performance.now() });
    // The last few are enough to tell which of them are ours.
    shown.delete(message.id - mostShown);
  }
  after = answer.last;
  unheard.filter((message) => message.id !== undefined).forEach(settle);
  showCosts();
  backoff.broughtNews ||= answer.messages.length > 0;
  return answer.messages.length > 0 ? shortestPauseWithNews : shortestPause;
}

// The ids begin again at 1, and mean other messages than before.
function startOver(newEpoch) {
  addMessage("note", "The server has restarted, and its numbering too.");
  epoch = newEpoch;
  after = 0;
  shown.clear();
  for (const message of unheard)
    if (message.state === "posted" && message.epoch !== epoch) mark(message, "lost");
}

async function follow() {
  for (;;) {
    const how = mode();
    const begun = performance.now();
    const controller = current = new AbortController();
    // Somebody who has just chosen another way should not read of the old one until there is news.
    if (isUp()) showState(describe(how), true);
    try {
      const least = takeNews(await askForNews(how, controller));
      welcome(how);
      const time = how === "ajax" ? Math.max(least, interval()) : least;
      await pause(begun + time - performance.now(), controller);
    } catch (error) {
      if (controller.signal.aborted && controller.signal.reason === "switched") continue;
      await tryLater(error);
    }
  }
}

function describe(how) {
  return how === "long" ? "A request waits at the server." : `A request every ${interval()} ms.`;
}

function interval() {
  return numberIn(element("interval").value, shortestInterval, longestInterval, 1000);
}

function welcome(how) {
  endWaits();
  showState(describe(how), true);
  postAll();
}

// --- the connection is gone ---

async function tryLater(error) {
  const told = error.name !== "TypeError" && error.name !== "TimeoutError";
  const time = beginWait(told ? `The server refuses: ${error.message}.` : "No connection. A page is not told why: the server may be down.", error.asked);
  addExchange("← no answer", error.message);
  current = new AbortController();
  await pause(time, current);
  beginTry();
}

// --- our own messages: each is kept until it comes back ---

function newKey() {
  // crypto.randomUUID() is for secure pages alone.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// One after the other, so that they stay in order.
async function postAll() {
  if (posting) return;
  posting = true;
  for (let next; (next = unheard.find((message) => message.state === "waiting" || message.state === "new"));) {
    const time = await post(next);
    // Without a connection, what waits is posted when there is one.
    if (time > 0 && !isUp()) break;
    if (time > 0) await pause(time, new AbortController());
  }
  posting = false;
}

// Returns 0, or, if it is not known whether the server got it, how long to wait before it is posted
// again: it has a key, so that it is not said twice.
async function post(message) {
  const target = `/messages${message.name && `?name=${encodeURIComponent(message.name)}`}`;
  const options = {
    method: "POST",
    headers: { "Content-Type": "text/plain; charset=utf-8", "Idempotency-Key": message.key },
    body: message.text,
  };
  addExchange(`→ POST ${target}`, `${bytesOf(message.text)} bytes of text`);
  try {
    const { response, text, took } = await request(target, options, answerTime, new AbortController());
    addExchange(`← ${response.status} ${text.trim()}`, `after ${took.toFixed(1)} ms`);
    // Those that can pass: common/http_retry.hpp.
    if ([408, 429, 500, 502, 503, 504].includes(response.status)) throw refusal(response, text);
    postBackoff.succeeded();
    if (response.status !== 201) { mark(message, "refused", `: ${text.trim()}`); return 0; }
    Object.assign(message, JSON.parse(text));
    mark(message, "posted");
    settle(message);
    return 0;
  } catch (error) {
    mark(message, "waiting");
    return postBackoff.next(error.asked);
  }
}

// A text that came back is not ours any more. It may come back before its post is answered.
function settle(message) {
  const place = message.epoch === epoch ? shown.get(message.id) : undefined;
  if (!place) return;
  place.item.lastElementChild.classList.add("own");
  costs[mode()].shown++;
  costs[mode()].delay += place.at - message.postedAt;
  showCosts();
  forget(message);
}

function say(text) {
  const message = { text, name: wantedName(), key: newKey(), postedAt: performance.now(), item: add("unheard") };
  unheard.push(message);
  mark(message, "new");
  postAll();
}

function sendAgain(message) {
  forget(message);
  say(message.text);
}

// --- what the user does ---

// The server sees that the parked request is gone, and forgets it.
element("long").onchange = element("ajax").onchange = element("interval").onchange = () => current.abort("switched");

element("now").onclick = () => { element("text").focus(); current.abort("now"); };

listenToForm(say, "messages have not come back");

setInterval(countDown, 100);
setInterval(showCosts, 1000);
showState("Connecting …", false);
showCosts();
follow();
