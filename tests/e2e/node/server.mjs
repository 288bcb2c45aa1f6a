// One parleyd on a directory of its own, gone with this process.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export async function startServer(binary, flags) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-node-'));
  const portFile = path.join(dir, 'port');
  const standard = ['--data', path.join(dir, 'data'), '--listen', '127.0.0.1:0', '--metrics-listen', ''];
  const child = spawn(binary, [...standard, '--port-file', portFile, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  process.on('exit', () => {
    child.kill('SIGKILL');
    fs.rmSync(dir, { recursive: true, force: true });
  });
  let log = '';
  const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)));
  await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.stderr.on('data', (chunk) => {
      log += chunk;
      if (log.includes('"serving"')) resolve();
    });
    ended.then(() => reject(new Error(`parleyd ended:\n${log}`)));
  });
  return {
    address: `127.0.0.1:${fs.readFileSync(portFile, 'utf8').trim()}`,
    // Drains it: the exit code.
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
