// Checks what quickstart.sh --check was shown: that views, lists and the record say the same. Exits 1 with every
// disagreement, each with both figures.
//   node quickstart-check.js DIRECTORY_OF_ANSWERS RELATIONSHIP
'use strict';
const fs = require('fs');
const path = require('path');

const [directory, relationship] = process.argv.slice(2);
const text = (file) => fs.readFileSync(path.join(directory, file), 'utf8');
const read = (name) => JSON.parse(text(name + '.json'));

const problems = [];
function same(what, shown, expected) {
  if (JSON.stringify(shown) !== JSON.stringify(expected)) {
    problems.push(`${what}: shown ${JSON.stringify(shown)}, expected ${JSON.stringify(expected)}`);
  }
}
function some(what, count) {
  if (!(count > 0)) problems.push(`${what}: none`);
}
const number = (value) => Number(value ?? 0);  // Zeros are left out, and 64 bits come as text.

const decisions = read('decisions').decisions ?? [];
const inState = (...states) => decisions.filter((d) => states.includes(d.state.replace('DECISION_STATE_', ''))).length;

// The register has every decision once, and counts them right.
const register = read('register');
const summary = register.summary ?? {};
some('decisions', decisions.length);
same('decisions in the register', (register.entries ?? []).map((e) => e.decision), decisions.map((d) => d.name).sort());
same('open decisions', number(summary.open), inState('PROPOSED', 'DEFERRED'));
same('decided decisions', number(summary.decided), inState('DECIDED'));
same('superseded decisions', number(summary.superseded), inState('SUPERSEDED'));
same('withdrawn decisions', number(summary.withdrawn), inState('WITHDRAWN'));
same('overridden decisions', number(summary.overridden),
     decisions.filter((d) => (d.outcomes ?? []).some((o) => o.overridden)).length);

// The record is whole: 0, 1, 2, … in order of time, each decision proposed once.
const entries = text('timeline.jsonl').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
some('entries', entries.length);
same('sequences', entries.map((e) => number(e.sequence)), entries.map((_, i) => i));
const times = entries.map((e) => Date.parse(e.recorded_at));
same('entries out of order', times.filter((t, i) => i > 0 && t < times[i - 1]).length, 0);
same('proposals on record', entries.filter((e) => e.event_type === 'decision.proposed').map((e) => e.stream).sort(),
     decisions.map((d) => d.name).sort());

// The overview agrees with all of them.
const overview = read('overview').overview ?? {};
same('relationship in the overview', overview.relationship, relationship);
same('open decisions in the overview', number(overview.open_decisions), number(summary.open));
same('standing decisions in the overview', number(overview.standing_decisions), number(summary.decided));
same('joint entries in the overview', number(overview.joint_entries), entries.filter((e) => !e.owner).length);

// The portfolio is the overviews of what is listed.
same('relationships in the portfolio', (read('portfolio').overviews ?? []).map((o) => o.relationship),
     (read('relationships').relationships ?? []).map((r) => r.name).sort());

if (problems.length > 0) {
  for (const problem of problems) console.error('quickstart: ' + problem);
  process.exit(1);
}
console.log(`quickstart: ${entries.length} entries and ${decisions.length} decisions agree in every view`);
