// Reads the event stream at its argument with Node's fetch, and prints its bytes as they come. Run
// by tests/06_sse/contract/interop.cpp.
const response = await fetch(process.argv[2], { headers: { "Last-Event-ID": "0" } });
if (response.status !== 200) throw new Error(`refused: ${response.status}`);
for await (const bytes of response.body) process.stdout.write(bytes);
