// Server-sent events as a server in Node writes them: a stream in chunks, and each text that is
// published comes back on all streams. Run by tests/06_sse/contract/interop.cpp.
import { createServer } from "node:http";

const streams = new Set();
let id = 0;

async function publish(request, response) {
  let text = "";
  request.setEncoding("utf8");
  for await (const part of request) text += part;
  const name = new URL(request.url, "http://localhost").searchParams.get("name");
  for (const stream of streams) stream.write(`id: ${id + 1}\r\ndata: ${name}: ${text}\r\n\r\n`);
  id += 1;
  response.writeHead(202, { "Content-Type": "text/plain" }).end(`${id}\n`);
}

const server = createServer((request, response) => {
  if (request.method === "POST") return publish(request, response);
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write(": welcome\r\n\r\n");
  streams.add(response);
  response.on("close", () => streams.delete(response));
});
server.listen(0, "127.0.0.1", () => console.log(`listening on 127.0.0.1:${server.address().port}`));
