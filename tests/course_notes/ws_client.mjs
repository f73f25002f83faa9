// The notes show this for the browser; Node's ws package has the same class.
import WebSocket from "ws";

const socket = new WebSocket("wss://server.com/chat");

socket.onopen = () => {
  console.log("Connected");
  socket.send("Привет, сервер!");
};

socket.onmessage = (event) => {
  console.log("Новое сообщение:", event.data);
};
