// The conformance suite asks for the tools, prompts and resources of an example server by their names. This stands
// between the suite and another server, and gives what is asked for by those names the names that it has there.
//
//   node names.mjs http://127.0.0.1:PORT/mcp '{"tools": {…}, "prompts": {…}, "resources": {…}}'
//
// In: the server's address; for each name the other one, for tools and prompts with the arguments: `$name` stands for the
// value of that argument. Out: the address to give to the suite, on a line; then requests passed on, and answers, as they
// come. Never here: a change to an answer.

import { createServer, request } from 'node:http';

const server = new URL(process.argv[2]);
const names = JSON.parse(process.argv[3]);

const filled = (value, given) =>
  typeof value === 'string' ? value.replace(/\$(\w+)/g, (_, name) => given?.[name] ?? '') : value;

const fields = (wanted, given) =>
  Object.fromEntries(Object.entries(wanted ?? {}).map(([name, value]) => [name, filled(value, given)]));

function renamed(message) {
  const { method, params } = message;
  if (!params) return message;
  const tool = method === 'tools/call' && names.tools?.[params.name];
  const prompt = method === 'prompts/get' && names.prompts?.[params.name];
  const other = tool || prompt;
  if (other) {
    return { ...message, params: { ...params, name: other.name, arguments: fields(other.arguments, params.arguments) } };
  }
  if (method.startsWith('resources/') && names.resources?.[params.uri]) {
    return { ...message, params: { ...params, uri: names.resources[params.uri] } };
  }
  const completed = method === 'completion/complete' && names.prompts?.[params.ref?.name];
  if (completed) {
    const name = Object.keys(completed.arguments)[0];
    const { ref, argument } = params;
    return { ...message, params: { ref: { ...ref, name: completed.name }, argument: { ...argument, name } } };
  }
  return message;
}

const between = createServer(async (incoming, outgoing) => {
  const pieces = [];
  for await (const piece of incoming) pieces.push(piece);
  let body = Buffer.concat(pieces);
  if (body.length > 0) body = Buffer.from(JSON.stringify(renamed(JSON.parse(body))));
  const headers = { ...incoming.headers, host: server.host, 'content-length': body.length };
  const { method } = incoming;
  const onward = request(server, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    outgoing.flushHeaders();
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onward.destroy());
  onward.end(body);
});

between.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${between.address().port}/mcp`));
// Whoever started it has gone.
process.stdin.resume().on('end', () => process.exit());
