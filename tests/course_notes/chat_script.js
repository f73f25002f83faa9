const socket = new WebSocket("ws://localhost:8000/ws");

socket.onopen = function() {
    console.log("З'єднання встановлено");
    socket.send("Привіт, сервере!");
};

socket.onmessage = function(event) {
    console.log("Отримано повідомлення:", event.data);
};

socket.onclose = function() {
    console.log("З'єднання закрито");
};
