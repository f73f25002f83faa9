// Node's fetch against the server of 07: node longpoll_client.mjs PORT
import assert from "node:assert";
// Node 18 does not have it as a global.
import { randomUUID } from "node:crypto";

const address = `http://127.0.0.1:${process.argv[2]}/messages`;

async function post(text, fields = {}) {
  const headers = { "Content-Type": "text/plain; charset=utf-8", ...fields };
  const response = await fetch(`${address}?name=${encodeURIComponent("Ада")}`, { method: "POST", headers, body: text });
  assert.equal(response.status, 201);
  return response.json();
}

async function ask(query, options = {}) {
  const response = await fetch(`${address}?${query}`, options);
  assert.equal(response.status, 200);
  return JSON.parse(await response.text());
}

// Every character but the surrogates, which are halves of one, a part at a time.
let all = "";
for (let i = 0; i < 0xd800; ++i) all += String.fromCodePoint(i);
for (let i = 0xe000; i < 0x110000; i += 7) all += String.fromCodePoint(i);
const characters = [...all];
const texts = ["", '"\\/', "\u2028\u2029\x7f", "👨‍👩‍👧‍👦", "</script>"];
for (let i = 0; i < characters.length; i += 10000) texts.push(characters.slice(i, i + 10000).join(""));

let last;
for (const text of texts) {
  last = (await post(text)).id;
  const news = await ask(`wait=0&after=${last - 1}`);
  assert.deepEqual(Object.keys(news), ["messages", "last", "gap", "epoch"]);
  assert.deepEqual(news.messages, [{ id: last, name: "Ада", text }]);
  assert.deepEqual([news.last, news.gap], [last, false]);
}

// One waits and is answered, another gives up waiting.
const waits = ask(`after=${last}&wait=20`);
const givesUp = new AbortController();
const never = ask(`after=${last}&wait=20`, { signal: givesUp.signal }).catch((error) => error.name);
await ask("after=9007199254740991&wait=0");
givesUp.abort();
assert.equal(await never, "AbortError");
const { id } = await post("Привіт 👋", { "Idempotency-Key": randomUUID() });
assert.deepEqual((await waits).messages, [{ id, name: "Ада", text: "Привіт 👋" }]);
console.log("all came back");
