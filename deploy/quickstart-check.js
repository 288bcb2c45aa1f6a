// Checks what quickstart.sh --check was shown: that views, lists and the record say the same. Exits 1 with every
// disagreement, each with both figures.
//   node quickstart-check.js DIRECTORY_OF_ANSWERS RELATIONSHIP [demo]
// With `demo` the store holds the demo as `parley demo` tells it by default, and nothing else: then the figures are known.
'use strict';
const fs = require('fs');
const path = require('path');

const [directory, relationship, told] = process.argv.slice(2);
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

// Every other resource listed was opened once on record, and the record opens no other.
const disputes = read('disputes').disputes ?? [];
const metrics = read('metrics').metrics ?? [];
const objectives = read('objectives').objectives ?? [];
const activities = read('activities').activities ?? [];
const persons = read('persons').persons ?? [];
const names = (list) => list.map((item) => item.name).sort();
const opened = (type) => entries.filter((e) => e.event_type === type && !e.owner).map((e) => e.stream).sort();
same('disputes raised on record', opened('dispute.raised'), names(disputes));
same('objectives stated on record', opened('objective.stated'), names(objectives));
same('metrics on record', [...new Set(opened('metric.definition_proposed'))], names(metrics));
same('activities on record', opened('activity.recorded'), names(activities));
same('people on record', opened('person.registered'), names(persons));

// The scoreboard has every metric, and its ratings add up to its periods.
const scoreboard = read('scoreboard');
const score = scoreboard.summary ?? {};
const cells = (scoreboard.metrics ?? []).flatMap((m) => m.cells ?? []);
const rated = (rating) => cells.filter((c) => ((c.rating ?? {}).raw ?? '') === 'RATING_' + rating).length;
same('metrics on the scoreboard', (scoreboard.metrics ?? []).map((m) => m.metric).sort(), names(metrics));
same('periods on the scoreboard', cells.length, metrics.reduce((sum, m) => sum + (m.periods ?? []).length, 0));
same('periods that met the target', number(score.met_target), rated('MET_TARGET'));
same('periods that met what was expected', number(score.met_expected), rated('MET_EXPECTED'));
same('periods that missed', number(score.missed), rated('MISSED'));
same('green only with the clock stopped', number(score.only_clock_stopped_passes),
     cells.filter((c) => c.only_clock_stopped_passes).length);

// Coverage is of the objectives that are still pursued, and of every metric.
const coverage = read('coverage');
const pursued = objectives.filter((o) => o.state !== 'OBJECTIVE_STATE_RETIRED');
same('objectives in the coverage', (coverage.objectives ?? []).map((o) => o.objective).sort(), names(pursued));
same('metrics in the coverage', (coverage.metrics ?? []).map((m) => m.metric).sort(), names(metrics));
same('objectives that nothing measures', number((coverage.summary ?? {}).unmeasured_objectives),
     names(pursued).filter((name) => !metrics.some((m) => (m.links ?? []).some((l) => l.objective === name))).length);

// The docket has every dispute once.
const docket = read('docket');
const docketed = docket.summary ?? {};
const ended = (state) => disputes.filter((d) => d.state === 'DISPUTE_STATE_' + state).length;
same('disputes in the docket', (docket.entries ?? []).map((e) => e.dispute).sort(), names(disputes));
same('resolved disputes', number(docketed.resolved), ended('RESOLVED'));
same('withdrawn disputes', number(docketed.withdrawn), ended('WITHDRAWN'));
same('open disputes', number(docketed.open), disputes.length - ended('RESOLVED') - ended('WITHDRAWN'));

// The activity view counts every activity, in all and by month, and every case.
const flow = read('activity');
const flowed = flow.summary ?? {};
const total = (list, field) => (list ?? []).reduce((sum, item) => sum + number(item[field]), 0);
same('activities in the view', number(flowed.activities), activities.length);
same('activities by month', total(flow.months, 'activities'), activities.length);
same('cases in the view', number(flowed.cases), new Set(activities.map((a) => a.case_id)).size);
same('cases by month', total(flow.months, 'cases_started'), number(flowed.cases));

// The overview agrees with all of them.
const overview = read('overview').overview ?? {};
same('relationship in the overview', overview.relationship, relationship);
same('open decisions in the overview', number(overview.open_decisions), number(summary.open));
same('standing decisions in the overview', number(overview.standing_decisions), number(summary.decided));
same('overdue reviews in the overview', number(overview.overdue_reviews), number(summary.reviews_overdue));
same('objectives in the overview', number(overview.objectives), pursued.length);
same('metrics in the overview', number(overview.metrics), metrics.filter((m) => m.version_in_force).length);
same('open contests in the overview', number(overview.open_contests), number(score.contested));
same('open disputes in the overview', number(overview.open_disputes), number(docketed.open));
same('activities in the overview', number(overview.activities), activities.length);
same('joint entries in the overview', number(overview.joint_entries), entries.filter((e) => !e.owner).length);

// The portfolio is the overviews of what is listed.
const portfolio = read('portfolio').overviews ?? [];
same('relationships in the portfolio', portfolio.map((o) => o.relationship),
     (read('relationships').relationships ?? []).map((r) => r.name).sort());
same('the overview in the portfolio', portfolio.find((o) => o.relationship === relationship), overview);

// The demo is deterministic: the same two years on every machine. Both parties have cosigned all of it, and
// somebody was forgotten.
if (told === 'demo') {
  const verdict = read('verdict');
  same('the verdict', verdict.verdict, 'erased-with-authority');
  same('entries that are proven', verdict.size, entries.length);
  same('cosignatures', verdict.cosigned.map((c) => c.by).sort(), ['acme', 'globex']);
  same('people without a name', persons.filter((p) => !p.display_name).length, 1);
  some('texts that were erased', verdict.erased_parts);
  some('texts that are sealed', verdict.sealed_parts);
  some('digests in the record', verdict.digests_recorded);
  same('digests that were reproduced', verdict.digests_reproduced, verdict.digests_recorded);

  const past = read('past');
  const known = Date.parse(past.basis.known_time);
  const then = entries.filter((e) => Date.parse(e.recorded_at) <= known);
  some('entries then', then.length);
  same('joint entries in the overview then', number(past.overview.joint_entries), then.filter((e) => !e.owner).length);
  same('activities in the overview then', number(past.overview.activities),
       then.filter((e) => e.event_type === 'activity.recorded').length);

  const figures = [
    ['entries', entries.length, 1685],
    ['entries about keys and digests', entries.filter((e) => /^(key|digest)\./.test(e.event_type)).length, 4],
    ['entries of one party alone', entries.filter((e) => e.owner).length, 4],
    ['decisions', decisions.length, 28],
    ['decided', number(summary.decided), 22],
    ['overridden', number(summary.overridden), 2],
    ['overdue reviews', number(summary.reviews_overdue), 3],
    ['disputes', disputes.length, 7],
    ['resolved disputes', number(docketed.resolved), 5],
    ['metrics', metrics.length, 8],
    ['periods', cells.length, 176],
    ['missed periods', number(score.missed), 42],
    ['periods green only with the clock stopped', number(score.only_clock_stopped_passes), 14],
    ['joint objectives', objectives.length, 8],
    ['objectives that nothing measures', number((coverage.summary ?? {}).unmeasured_objectives), 1],
    ['activities', activities.length, 672],
    ['people', persons.length, 11],
    ['cases', number(flowed.cases), 144],
    ['waiting time', flowed.waiting, '5011200s'],
    ['time in all', flowed.elapsed, '9413160s'],
  ];
  for (const [what, shown, expected] of figures) same('the demo\'s ' + what, shown, expected);
}

if (problems.length > 0) {
  for (const problem of problems) console.error('quickstart: ' + problem);
  process.exit(1);
}
console.log(`quickstart: ${entries.length} entries, ${decisions.length} decisions, ${disputes.length} disputes, ` +
            `${metrics.length} metrics, ${objectives.length} objectives and ${activities.length} activities ` +
            'agree in every view');
