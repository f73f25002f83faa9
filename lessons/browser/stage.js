// What the pages beside this file share. They are opened as
//   file:///…/lessons/browser/NAME.html#SERVER,HOLD
// SERVER is what the page is about; HOLD is a question that 07_longpoll parks, like
//   http://127.0.0.1:8007/messages?after=0
// A browser counts a page as loaded when its pictures are. One of them is HOLD, which is answered
// when the page posts something there: so `chromium --dump-dom` waits for done(), and no longer.
"use strict";

const [server, hold] = location.hash.slice(1).split(",");

new Image().src = hold + "&wait=60";

function say(text) {
    document.querySelector("pre").append(text + "\n");
}

function done() {
    fetch(hold.split("?")[0], {
        method: "POST", headers: {"Content-Type": "text/plain"}, body: "done",
    });
}
