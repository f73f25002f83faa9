// Reads the event stream at its argument with Node's fetch, and prints its bytes as they come. Run
// by 06_sse_interop_test.
const response = await fetch(process.argv[2], { headers: { "Last-Event-ID": "0" } });
if (response.status !== 200) throw new Error(`refused: ${response.status}`);
for await (const bytes of response.body) process.stdout.write(bytes);
