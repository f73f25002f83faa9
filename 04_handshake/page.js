"use strict";

const element = (id) => document.getElementById(id);
const classes = {
  "FIN, opcode": "f1", "MASK, length": "f2", "extended length": "f3", "masking key": "f4", "payload": "f5",
};

// A script sees messages, never frames. This page therefore gives its connection a name, and asks
// the server for the frames that it has seen there.
const page = Math.random().toString(36).slice(2);
const socket = new WebSocket(`ws://${location.host}/?page=${page}`);
let shown = 0;

function append(list, ...parts) {
  const item = document.createElement("li");
  item.append(...parts);
  element(list).append(item);
}

function span(className, text) {
  const part = document.createElement("span");
  part.className = className;
  // Text, never HTML: it comes from who knows whom.
  part.textContent = text;
  return part;
}

async function showFrames() {
  const answer = await fetch(`/frames?page=${page}`);
  const { first, frames } = await answer.json();
  for (; shown < first + frames.length; ++shown) {
    const frame = frames[shown - first];
    if (!frame) continue;
    const bytes = frame.fields.map(([name, hex]) => span(`${classes[name]} bytes`, hex));
    bytes.forEach((field, i) => { field.title = frame.fields[i][0]; });
    const who = frame.from === "browser" ? "browser → server" : "server → browser";
    const row = document.createElement("span");
    row.append(...bytes.flatMap((field) => [field, " "]));
    append("frames", span("who", who), row);
  }
}

// One request at a time, so that no frame is shown twice.
let showing = Promise.resolve();
function showFramesLater() {
  showing = showing.then(showFrames).catch((error) => { element("state").textContent = `no frames: ${error.message}`; });
}

socket.onopen = () => {
  element("state").textContent = `connected to ${socket.url}`;
  element("text").disabled = element("send").disabled = false;
  element("text").focus();
};

socket.onmessage = (event) => {
  append("messages", span("who", "echo"), span("", event.data));
  showFramesLater();
};

socket.onclose = (event) => {
  const why = event.reason ? `, ${event.reason}` : "";
  element("state").textContent = `closed: ${event.code}${why}. Reload the page to connect again.`;
  element("text").disabled = element("send").disabled = true;
};

element("form").onsubmit = (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return;
  const input = element("text");
  socket.send(input.value);
  append("messages", span("who", "sent"), span("", input.value));
  input.value = "";
};
