// A client that knows nothing of Parley but its address: @grpc/grpc-js with server reflection. It takes a decision from
// proposal to outcome and a dispute through two tiers, and reads the typed details of every error it is given.
//
// usage: node stock_client.mjs PARLEYD NODE_MODULES
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { charter } from './charter.mjs';
import { Parley } from './parley.mjs';
import { discover } from './reflection.mjs';
import { startServer } from './server.mjs';

const [parleyd, modules] = process.argv.slice(2);
if (!fs.existsSync(path.join(modules, '@grpc/grpc-js'))) {
  console.error(`${modules} lacks @grpc/grpc-js: run deploy/install.sh`);
  process.exit(1);
}
const require = createRequire(path.join(path.resolve(modules), 'resolve.js'));
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const acme = 'relationships/acme';
const decision = `${acme}/decisions/new-site`;
const dispute = `${acme}/disputes/slow-desk`;

async function open(parley) {
  const of = (rest) => ({ name: acme, ...rest });
  await parley.call('bea', 'RelationshipService.EstablishRelationship', {
    relationship_id: 'acme',
    display_name: 'Service desk',
    archetype: 'ARCHETYPE_MANAGED_SERVICE',
    stage: 'STAGE_OPERATING',
    parties: [
      { party_id: 'buyer', kind: 'PARTY_KIND_BUYER', display_name: 'Buyer', first_member: 'bea' },
      { party_id: 'provider', kind: 'PARTY_KIND_PROVIDER', display_name: 'Provider', first_member: 'pat' },
    ],
  });
  await parley.call('bea', 'RelationshipService.AcceptParty', of({ party_id: 'buyer' }));
  await parley.call('pat', 'RelationshipService.AcceptParty', of({ party_id: 'provider' }));

  const incomplete = await parley.refused('bea', 'RelationshipService.ProposeCharter', of({ charter: { currency_code: 'EUR' } }));
  assert.equal(incomplete.code, grpc.status.FAILED_PRECONDITION);
  assert.equal(incomplete.info.reason, 'CHARTER_INCOMPLETE');
  assert.ok(incomplete.details['google.rpc.PreconditionFailure'].violations.length > 1);

  await parley.call('bea', 'RelationshipService.ProposeCharter', of({ charter }));
  await parley.call('bea', 'RelationshipService.AdoptCharter', of({ version: 1 }));
  const { relationship } = await parley.call('pat', 'RelationshipService.AdoptCharter', of({ version: 1 }));
  assert.equal(relationship.charter_in_force, 1);
}

async function decide(parley) {
  const proposal = {
    parent: acme,
    decision_id: 'new-site',
    title: 'Move to the new site',
    class_id: 'change-request',
    options: [{ option_id: 'move' }, { option_id: 'stay' }],
    request_id: 'propose-new-site',
  };
  const malformed = await parley.refused('pat', 'DecisionService.ProposeDecision', { ...proposal, title: '' });
  assert.equal(malformed.code, grpc.status.INVALID_ARGUMENT);
  assert.equal(malformed.info.domain, 'parley.v1');
  assert.equal(malformed.info.reason, 'FIELD_INVALID');
  assert.equal(malformed.details['google.rpc.BadRequest'].field_violations[0].field, 'title');

  const preview = await parley.call('pat', 'DecisionService.ProposeDecision', { ...proposal, validate_only: true });
  assert.equal(preview.decision.state, 'DECISION_STATE_PROPOSED');
  const proposed = await parley.call('pat', 'DecisionService.ProposeDecision', proposal);
  assert.equal(proposed.decision.name, decision);
  assert.deepEqual(await parley.call('pat', 'DecisionService.ProposeDecision', proposal), proposed);
  const reused = await parley.refused('pat', 'DecisionService.ProposeDecision', { ...proposal, title: 'Another' });
  assert.equal(reused.info.reason, 'REQUEST_ID_REUSED');

  const chosen = { name: decision, option_id: 'move', rationale: 'Closer to the users.' };
  await parley.call('pat', 'DecisionService.ObjectToDecision', { name: decision, grounds: ['security'], text: 'No fence.' });
  const blocked = await parley.refused('bea', 'DecisionService.DecideDecision', chosen);
  assert.equal(blocked.code, grpc.status.FAILED_PRECONDITION);
  assert.equal(blocked.info.reason, 'OBJECTION_STANDS');
  assert.equal(blocked.info.metadata.party, 'provider');
  const entitled = await parley.refused('pat', 'DecisionService.DecideDecision', chosen);
  assert.equal(entitled.code, grpc.status.PERMISSION_DENIED);
  assert.equal(entitled.info.reason, 'ROLE_NOT_ENTITLED');

  await parley.call('pat', 'DecisionService.ConcurWithDecision', { name: decision, text: 'There is a fence now.' });
  const stale = await parley.refused('bea', 'DecisionService.DecideDecision', { ...chosen, etag: proposed.decision.etag });
  assert.equal(stale.code, grpc.status.ABORTED);
  assert.equal(stale.info.reason, 'ETAG_MISMATCH');
  const decided = await parley.call('bea', 'DecisionService.DecideDecision', { ...chosen, etag: stale.info.metadata.etag });
  assert.equal(decided.decision.state, 'DECISION_STATE_DECIDED');
  assert.equal(decided.decision.outcomes[0].option_id, 'move');
  assert.equal(decided.decision.outcomes[0].decided_by, 'bea');

  const read = await parley.call('pat', 'DecisionService.GetDecision', {
    name: decision,
    consistency_token: decided.consistency_token,
  });
  assert.deepEqual(read.decision, decided.decision);
}

async function advance(parley, days) {
  const { time } = await parley.call('bea', 'DevelopmentService.GetClock', {});
  const seconds = String(Number(time.seconds) + days * 86400);
  await parley.call('bea', 'DevelopmentService.AdvanceClock', { time: { seconds, nanos: 0 } });
}

async function settle(parley) {
  const both = async (method, request) => {
    await parley.call('bea', method, request);
    return (await parley.call('pat', method, request)).dispute;
  };
  const of = (rest) => ({ name: dispute, ...rest });
  await parley.call('bea', 'DisputeService.RaiseDispute', {
    parent: acme,
    dispute_id: 'slow-desk',
    type: 'DISPUTE_TYPE_SERVICE',
    title: 'Tickets wait too long',
  });
  await parley.call('pat', 'DisputeService.AcknowledgeDispute', of({}));
  await parley.call('bea', 'DisputeService.StateDisputePosition', of({ position: 'Two days at most.', interests: ['shops open'] }));
  await parley.call('pat', 'DisputeService.StateDisputePosition', of({ position: 'More people.', interests: ['cost covered'] }));

  const climb = (tier_id) => of({ tier_id, mode: 'ESCALATION_MODE_JOINT', reason: 'No progress.' });
  const skipped = await parley.refused('bea', 'DisputeService.EscalateDispute', climb('management'));
  assert.equal(skipped.code, grpc.status.FAILED_PRECONDITION);
  assert.equal(skipped.info.reason, 'TIER_SKIPPED');
  assert.equal(skipped.info.metadata.tier, 'working-level');

  const first = await both('DisputeService.EscalateDispute', climb('working-level'));
  assert.equal(first.state, 'DISPUTE_STATE_ESCALATED');
  assert.equal(first.tier_id, 'working-level');
  await advance(parley, 6);
  const second = await both('DisputeService.EscalateDispute', climb('management'));
  assert.equal(second.tier_id, 'management');
  assert.deepEqual(second.escalations.map((step) => [step.tier_id, step.mode, step.early]), [
    ['working-level', 'ESCALATION_MODE_JOINT', false],
    ['management', 'ESCALATION_MODE_JOINT', false],
  ]);

  await parley.call('pat', 'DisputeService.ProposeDisputeSettlement', of({
    terms: { text: 'Two more people, two days at most.', style: 'DISPUTE_STYLE_COLLABORATING' },
  }));
  const resolved = await parley.call('bea', 'DisputeService.AcceptDisputeSettlement', of({ number: 1 }));
  assert.equal(resolved.dispute.state, 'DISPUTE_STATE_RESOLVED');
  const again = await parley.refused('bea', 'DisputeService.EscalateDispute', climb('management'));
  assert.equal(again.info.reason, 'WRONG_STATE');

  const listed = await parley.call('pat', 'DisputeService.ListDisputes', {
    parent: acme,
    filter: 'state = DISPUTE_STATE_RESOLVED',
    consistency_token: resolved.consistency_token,
  });
  assert.deepEqual(listed.disputes, [resolved.dispute]);
}

const server = await startServer(parleyd, ['--manual-clock', '2026-01-05T08:00:00Z']);
const details = ['google.rpc.Status', 'google.rpc.ErrorInfo'];
const { services, definition } = await discover(grpc, protoLoader, server.address, 'parley.v1.', details);
for (const name of ['Relationship', 'Decision', 'Dispute', 'Metric', 'Objective', 'Activity', 'Development']) {
  assert.ok(services.includes(`parley.v1.${name}Service`), `${name}Service is not listed: ${services}`);
}
const parley = new Parley(grpc, definition, server.address);
const nobody = await parley.refused('', 'DecisionService.GetDecision', { name: decision });
assert.equal(nobody.code, grpc.status.UNAUTHENTICATED);
assert.equal(nobody.info.reason, 'UNAUTHENTICATED');
await open(parley);
await decide(parley);
await settle(parley);
parley.close();
assert.equal(await server.stop(), 0, 'parleyd drains and ends');
console.log(`${services.length} services discovered; a decision decided, a dispute settled on its second tier`);
