"use strict";
// Each message is an event; all text in it is put in as text. The page keeps the last ones only.
const kMaxRows = 300;
const kMaxLanes = 8;
const kEdge = 11;

const ladder = document.getElementById("ladder");
const heads = document.getElementById("heads");
const state = document.getElementById("state");
ladder.classList.add("live");
const lanes = [];  // addresses, the server's first; the last one may stand for all others

function laneOf(address) {
  let lane = lanes.indexOf(address);
  if (lane < 0 && lanes.length < kMaxLanes) {
    lane = lanes.push(address) - 1;
    placeAll();
  }
  return lane < 0 ? kMaxLanes - 1 : lane;
}

function placeOf(lane) {
  return lanes.length < 2 ? kEdge : kEdge + (100 - 2 * kEdge) * lane / (lanes.length - 1);
}

function place(row) {
  const from = placeOf(Number(row.dataset.from)), to = placeOf(Number(row.dataset.to));
  const left = Math.min(from, to), right = Math.max(from, to);
  const arrow = row.querySelector(".arrow");
  arrow.style.left = left + "%";
  arrow.style.width = Math.max(right - left, 3) + "%";
  arrow.classList.toggle("right", to > from);
  arrow.classList.toggle("left", to <= from);
  const label = row.querySelector(".label");
  label.style.marginLeft = left <= 45 ? left + "%" : "auto";
  label.style.marginRight = left <= 45 ? "" : 100 - right + "%";
}

// A new speaker moves all upright lines.
function placeAll() {
  heads.replaceChildren(...lanes.map((address, lane) => {
    const head = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = lane === 0 ? "server" : "client " + lane;
    const detail = document.createElement("span");
    detail.textContent = address;
    head.append(name, detail);
    head.style.left = placeOf(lane) + "%";
    head.style.maxWidth = Math.min(2 * kEdge, placeOf(1) - placeOf(0) - 1 || 100) + "%";
    return head;
  }));
  const images = lanes.map(() => "linear-gradient(var(--lane),var(--lane))");
  ladder.style.backgroundImage = images.join(",");
  ladder.style.backgroundPosition = lanes.map((_, lane) => placeOf(lane) + "% 0").join(",");
  for (const row of ladder.children) place(row);
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function show(message) {
  const server = laneOf(message.server), client = laneOf(message.client);
  const row = document.createElement("li");
  row.className = (message.sender === "client" ? "ask " : "reply ") + message.mark;
  row.dataset.from = message.sender === "client" ? client : server;
  row.dataset.to = message.sender === "client" ? server : client;
  const label = element("span", "label", "");
  label.append(element("bdi", "", message.title));
  if (message.text) label.append(" ", element("bdi", "", message.text));
  if (message.note) label.append(" ", element("em", "", message.note));
  const arrow = element("span", "arrow", "");
  arrow.setAttribute("aria-hidden", "true");
  row.append(element("span", "time", message.time), label, arrow);
  ladder.append(row);
  place(row);
  while (ladder.children.length > kMaxRows) ladder.firstElementChild.remove();
  if (document.getElementById("follow").checked) row.scrollIntoView({block: "nearest"});
}

const events = new EventSource("events");
events.onopen = () => { state.textContent = "connected: messages are shown as they come"; };
events.onerror = () => { state.textContent = "not connected; the browser tries again"; };
events.onmessage = (event) => show(JSON.parse(event.data));
events.addEventListener("gap", () => { state.textContent = "earlier messages are no longer kept"; });
