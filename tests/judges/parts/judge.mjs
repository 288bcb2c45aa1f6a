// A judge of what Parley's entries say: protobufjs takes them apart, and node's SHA-256 holds each part against the commitment to it
// in the entry's header, and each sealed text against the hash in the record. That the headers are those of the tree is for
// the other judges.
//
//   node judge.mjs NODE_MODULES bundle DIR
//   node judge.mjs NODE_MODULES entry ENTRY HEADER        the two files of a receipt
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [modules, what, ...files] = process.argv.slice(2);
if (!((what === 'bundle' && files.length === 1) || (what === 'entry' && files.length === 2))) {
  console.error('usage: judge.mjs NODE_MODULES bundle DIR | entry ENTRY HEADER');
  process.exit(2);
}
const protobuf = createRequire(import.meta.url)(resolve(modules, 'protobufjs'));
const protos = resolve(dirname(fileURLToPath(import.meta.url)), '../../../proto');
const root = new protobuf.Root();
root.resolvePath = (_, target) => join(protos, target);
root.loadSync(['parley/v1/entry.proto', 'parley/v1/bundle.proto']);
const type = (name) => root.lookupType(`parley.v1.${name}`);
const [EntryHeader, Record, StoredEntry, BundleParts] = ['EntryHeader', 'Record', 'StoredEntry', 'BundleParts'].map(type);

const kLeaf = Buffer.from('parley/leaf/v1\0');
const kCommit = Buffer.from('parley/commit/v1\0');
const sha256 = (...pieces) => pieces.reduce((hash, piece) => hash.update(piece), createHash('sha256')).digest();
const is = (a, b) => Buffer.compare(a, b) === 0;

// Pieces of a file, each after its length in so many bytes.
function pieces(file, bytes) {
  const data = readFileSync(file);
  const out = [];
  for (let at = 0; at < data.length;) {
    const end = at + bytes + data.readUIntBE(at, bytes);
    if (end > data.length) throw new Error(`${file} is cut short`);
    out.push(data.subarray(at + bytes, end));
    at = end;
  }
  return out;
}

const counts = { entries: 0, committed: 0, sealed: 0, missing: 0, withheld: 0 };

function judge(sequence, leaf, parts) {
  const wrong = (why) => { throw new Error(`entry ${sequence}: ${why}`); };
  if (!is(leaf.subarray(0, kLeaf.length), kLeaf)) wrong('no leaf');
  const header = EntryHeader.decode(leaf.subarray(kLeaf.length));
  if (Number(header.sequence) !== sequence) wrong(`its header says ${header.sequence}`);
  counts.entries += 1;
  if (parts.length === 0 && header.owner !== '') {
    counts.withheld += 1;
    return header;
  }
  if (parts.length !== header.commitments.length) wrong(`${parts.length} parts, ${header.commitments.length} commitments`);
  let record;
  parts.forEach((part, i) => {
    if (part.salt.length > 0 || part.content.length > 0) {
      if (!is(sha256(kCommit, part.salt, part.content), header.commitments[i])) wrong(`part ${i} is not what was committed to`);
      counts.committed += 1;
      if (i === 0) record = Record.decode(part.content);
    } else if (i === 0) {
      wrong('it says nothing');
    } else if (part.sealed.length === 0) {
      counts.missing += 1;
    } else {
      if (!is(sha256(part.sealed), record.personalParts[i - 1].sealedSha256)) wrong(`sealed part ${i} is not what was recorded`);
      counts.sealed += 1;
    }
  });
  return header;
}

if (what === 'bundle') {
  const [dir] = files;
  // "000", "x001/000" or "004.p/186", in the order of numbers: a level of folders each for thousands, and for the last tile's width.
  const list = (path) => readdirSync(join(dir, path), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((file) => (file.isDirectory() ? list(join(path, file.name)) : [join(path, file.name)]));
  let sequence = 0;
  for (const path of list('tile/entries')) {
    const beside = path.replace(/^tile\/entries/, 'parts');
    if (!existsSync(join(dir, beside))) throw new Error(`${beside} is missing`);
    const leaves = pieces(join(dir, path), 2);
    const parts = pieces(join(dir, beside), 4);
    if (parts.length !== leaves.length) throw new Error(`${beside} has ${parts.length} entries, not ${leaves.length}`);
    leaves.forEach((leaf, i) => judge(sequence++, leaf, BundleParts.decode(parts[i]).parts));
  }
  console.log(`${counts.entries} entries: ${counts.committed} parts are what was committed to, ${counts.sealed} sealed ones what ` +
              `was recorded; ${counts.missing} are missing, ${counts.withheld} entries are withheld`);
} else {
  const entry = StoredEntry.decode(readFileSync(files[0]));
  const leaf = readFileSync(files[1]);
  if (!is(entry.header, leaf)) throw new Error('the entry is another than the header is of');
  const sequence = Number(EntryHeader.decode(leaf.subarray(kLeaf.length)).sequence);
  const header = judge(sequence, leaf, entry.parts);
  console.log(`entry ${sequence} of ${header.ledger}: ${counts.committed} parts are what was committed to`);
}
