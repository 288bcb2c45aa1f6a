// A judge of Parley's receipts that knows nothing of Parley: @sigstore/verify's checkpoint and Merkle verification over a
// C2SP tlog-proof.
//
//   node judge.mjs NODE_MODULES PROOF HEADER LOG_VKEY…
//
// One of the keys must have signed: a log has had several where it changed them. sigstore takes a log to be a public key and a key hint, and wants every signature of a checkpoint to be one of its logs': cosignatures,
// which it does not know, are taken off first.
import { createRequire } from 'node:module';
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const [modules, proofFile, headerFile, ...vkeys] = process.argv.slice(2);
if (vkeys.length === 0) {
  console.error('usage: judge.mjs NODE_MODULES PROOF HEADER LOG_VKEY…');
  process.exit(2);
}
// By path: the package exports no such files.
const require = createRequire(import.meta.url);
const verify = resolve(modules, '@sigstore/verify/dist/timestamp');
const { verifyCheckpoint } = require(`${verify}/checkpoint.js`);
const { verifyMerkleInclusion } = require(`${verify}/merkle.js`);

const names = new Set();
const logs = vkeys.map((vkey) => {
  const [name, hint] = vkey.split('+', 2);
  const raw = Buffer.from(vkey.slice(name.length + hint.length + 2), 'base64');
  if (raw.length !== 33 || raw[0] !== 1) throw new Error(`not an Ed25519 log key: ${vkey}`);
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw.subarray(1)]);
  names.add(name);
  return {
    logID: Buffer.from(hint, 'hex'),
    publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
    validFor: { start: new Date(0), end: new Date(8.64e15) },
  };
});

const text = readFileSync(proofFile, 'utf8');
const split = text.indexOf('\n\n');
const lines = text.slice(0, split).split('\n');
if (lines[0] !== 'c2sp.org/tlog-proof@v1' || !lines[1].startsWith('index ')) throw new Error('not a tlog-proof');
const note = text.slice(split + 2);
const body = note.slice(0, note.indexOf('\n\n') + 1);
const [origin, size, root] = body.split('\n');
if (!names.has(origin)) throw new Error(`the origin ${origin} is no name of these keys`);
const signatures = note.slice(body.length + 1).split('\n').filter((line) => line.startsWith(`\u2014 ${origin} `));

const entry = {
  integratedTime: '1',
  canonicalizedBody: readFileSync(headerFile),
  inclusionProof: {
    logIndex: lines[1].slice('index '.length),
    treeSize: size,
    rootHash: Buffer.from(root, 'base64'),
    hashes: lines.slice(2).map((line) => Buffer.from(line, 'base64')),
    checkpoint: { envelope: `${body}\n${signatures.map((line) => `${line}\n`).join('')}` },
  },
};
verifyCheckpoint(entry, logs);
verifyMerkleInclusion(entry);
console.log(`entry ${entry.inclusionProof.logIndex} is in the tree of size ${size}`);
