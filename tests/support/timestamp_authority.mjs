// A time-stamp authority over HTTP for tests: node timestamp_authority.mjs DIR. Makes its keys in DIR where there are none, listens on a
// free port of the loopback address, prints that port, and ends when its standard input does. What it answers goes by the path:
//   /          a time-stamp
//   /expired   one by a certificate that was valid in 2020 only
//   /again     the time-stamp that it answered last, whatever is asked
//   /error     HTTP status 500
//   /html      a page
//   /large     a megabyte
//   /silent    nothing, ever
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dir = process.argv[2];
const script = join(dirname(fileURLToPath(import.meta.url)), 'timestamp_authority.sh');
const run = (args, env = {}) => execFileSync('sh', [script, ...args], { env: { ...process.env, ...env } });
if (!existsSync(join(dir, 'ca.pem'))) run(['make', dir]);

let last = Buffer.alloc(0);
function stamp(query, certificate) {
  writeFileSync(join(dir, 'query'), query);
  run(['reply', dir, join(dir, 'query'), join(dir, 'reply')], { TSA_CERTIFICATE: certificate });
  last = readFileSync(join(dir, 'reply'));
  return last;
}

const server = createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const query = Buffer.concat(pieces);
  const answer = (bytes, type = 'application/timestamp-reply') =>
    response.writeHead(200, { 'Content-Type': type }).end(bytes);
  if (request.method !== 'POST' || request.headers['content-type'] !== 'application/timestamp-query') {
    response.writeHead(400).end();
  } else if (request.url === '/') {
    answer(stamp(query, 'tsa'));
  } else if (request.url === '/expired') {
    answer(stamp(query, 'expired'));
  } else if (request.url === '/again') {
    answer(last);
  } else if (request.url === '/html') {
    answer('<p>Hello</p>', 'text/html');
  } else if (request.url === '/large') {
    answer(Buffer.alloc(1 << 20));
  } else if (request.url !== '/silent') {
    response.writeHead(500).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();
